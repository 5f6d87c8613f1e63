"""Keeps connections that are told what happens: finds it, hands it out in the event loop, speaks the transports."""
