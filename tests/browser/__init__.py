"""The product in a real browser: Debian's Chromium, driven by Playwright, before three real nodes."""
