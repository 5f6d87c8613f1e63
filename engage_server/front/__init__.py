"""The asynchronous front of the server: receives requests, and hands whole ones to the threads that answer them."""
