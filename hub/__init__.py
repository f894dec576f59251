"""The record and the rules: people, messages, tickets, services.

Nothing here knows the web, a provider or Rasa.
"""
