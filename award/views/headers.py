"""What every answer tells the browser: run nothing foreign, be framed by nobody, keep nothing, guess nothing."""

from flask import Response, request

from award.views.context import site

# One place for all: a page of ours needs nothing but itself. Files that people sent carry a stricter one of their own.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
# Passkeys need the two credential features; nothing else of the device is any business of this site.
PERMISSIONS = ", ".join(
    [f"{feature}=()" for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
        "gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "usb",
        "xr-spatial-tracking",
    )] + ["publickey-credentials-create=(self)", "publickey-credentials-get=(self)"]
)  # fmt: skip
# A screen on a wall may stay awake.
AWAKE = PERMISSIONS.replace("screen-wake-lock=()", "screen-wake-lock=(self)")
ALWAYS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that know no frame-ancestors
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Cache-Control": "no-store",
}
YEAR = 31_536_000


def set_headers(response: Response) -> Response:
    """Sets each header that the view did not set itself; over https also that browsers stay with https."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    if not request.path.startswith("/assets/") and "no-store" not in response.headers["Cache-Control"]:
        response.headers["Cache-Control"] = "no-store"  # what a file's sender set is for files that everybody may have
    if site().settings.https:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
    return response
