"""What is said in words, as a metric plugin."""
