"""The gateway: words in, words out."""
