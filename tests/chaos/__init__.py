"""``make chaos-*``: what is promised holds while processes are killed."""
