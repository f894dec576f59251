"""Open Referral UK and HSDS in: source -> records -> validate -> reconcile -> run."""
