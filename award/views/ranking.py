"""placeholder"""

from flask import Blueprint

pages = Blueprint("ranking", __name__)
