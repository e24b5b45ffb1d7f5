"""The demo's log-ins and shoppers."""

import secrets
from random import Random

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from accounts.models import Address, User

LOG_INS = {
    "buyer@demo.test": ("Bea Buyer", ()),
    "buyer2@demo.test": ("Bruno Buyer", ()),
    "seller@demo.test": ("Selma Seller", ("Catalogue", "Stock")),
    "seller2@demo.test": ("Sven Seller", ("Catalogue", "Stock")),
    "orders@demo.test": ("Odile Orders", ("Orders",)),
    "staff@demo.test": ("Stefan Staff", ()),
}
NAMES = (
    "Anna Albrecht, Berend Bakker, Chiara Conti, Daan de Wit, Emma Eriksson, Felix Fuchs, Giulia Greco, "
    "Hanna Huber, Ivan Ilić, Jana Jansen, Karl König, Léa Laurent, Marek Malý, Nora Nagy, Olga Oksanen, "
    "Paul Peeters, Quirin Quast, Rosa Ramos, Sophie Schmid, Tomáš Tichý, Ulrike Unger, Vera Vos, "
    "Willem Wagner, Xenia Xander, Yara Yilmaz, Zoë Zimmermann, Aoife Byrne, Björn Berg, Célia Costa, "
    "Đorđe Đurić, Éva Erdős, Frida Falk, Gábor Gál, Hugo Hernández"
)
PLACES = (
    ("DE", "10115", "Berlin", "Invalidenstraße"),
    ("DE", "20095", "Hamburg", "Mönckebergstraße"),
    ("DE", "80331", "München", "Sendlinger Straße"),
    ("AT", "1010", "Wien", "Kärntner Straße"),
    ("NL", "1012 JS", "Amsterdam", "Damrak"),
    ("FR", "75001", "Paris", "Rue de Rivoli"),
    ("BE", "1000", "Bruxelles", "Rue Neuve"),
    ("SE", "111 57", "Stockholm", "Hamngatan"),
)


def demo_password() -> str:
    """`DEMO_PASSWORD`, else one generated once and kept in ``var/demo-password``."""
    if settings.DEMO_PASSWORD:
        return settings.DEMO_PASSWORD
    path = settings.VAR_DIR / "demo-password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(12))
    return path.read_text().strip()


def load_people(random: Random) -> list[User]:
    """Write the log-ins of `LOG_INS` and more shoppers, each with an address; returns those who shop."""
    password = make_password(demo_password())  # one slow hash for all
    shoppers = []
    for email, (name, groups) in LOG_INS.items():
        is_staff = not email.startswith("buyer")
        user, is_new = User.objects.get_or_create(
            email=email,
            defaults={
                "full_name": name,
                "password": password,
                "is_staff": is_staff,
                "is_superuser": email == "staff@demo.test",
            },
        )
        if is_new:
            user.groups.set(Group.objects.filter(name__in=groups))
        if not is_staff:
            shoppers.append(user)
    for number, name in enumerate(NAMES.split(", "), 1):
        defaults = {"full_name": name, "password": password}
        shoppers.append(User.objects.get_or_create(email=f"shopper{number}@demo.test", defaults=defaults)[0])
    for user in shoppers:
        if not user.addresses.exists():
            Address.objects.create(user=user, is_default=True, **address_of(user, random))
    return shoppers


def address_of(user: User, random: Random) -> dict[str, str]:
    country, postcode, city, street = random.choice(PLACES)
    return {
        "full_name": user.full_name,
        "address_line1": f"{street} {random.randint(1, 120)}",
        "postcode": postcode,
        "city": city,
        "country": country,
    }
