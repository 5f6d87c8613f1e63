"""Activation for Engage."""
