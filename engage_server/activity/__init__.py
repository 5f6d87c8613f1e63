"""Events and what is derived from them; answers the inputs that plugins declare."""
