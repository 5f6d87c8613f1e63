"""The protocol of Segment's and RudderStack's SDKs: identify, group, track, page, screen and alias calls."""
