"""Product Engagement Score for Engage: the mean of adoption, stickiness and growth."""
