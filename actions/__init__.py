"""What the assistant does in each turn: one Rasa action a file, small."""
