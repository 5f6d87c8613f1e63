"""Onboarding progress for Engage."""
