"""What a resident said: text in, `Heard` out. Words and meaning, offline."""
