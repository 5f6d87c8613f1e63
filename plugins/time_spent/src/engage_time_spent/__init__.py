"""Time spent for Engage: active minutes, sessions and bounce."""
