"""Dockerfile and docker-compose.yml, as far as they can be checked without an engine."""

import re
import shlex

import yaml

from api.environment import ROOT
from gis.embedded import cluster
from gis.settings import Settings

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")


def test_both_services_say_when_they_are_well() -> None:
    services = COMPOSE["services"]
    assert services["database"]["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert services["wangge"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert "HEALTHCHECK" in DOCKERFILE
    assert "/readyz" in DOCKERFILE


def test_every_variable_of_ours_is_a_setting() -> None:
    given = COMPOSE["services"]["wangge"]["environment"]
    named = {*given, *re.findall(r"(WANGGE_\w+)=/", DOCKERFILE)}
    assert {name.removeprefix("WANGGE_").lower() for name in named} <= set(Settings.model_fields)


def test_the_application_has_a_role_of_its_own() -> None:
    services = COMPOSE["services"]
    assert f"//{cluster.APPLICATION}:" in services["wangge"]["environment"]["WANGGE_DATABASE_URL"]
    owner = services["database"]["environment"]["POSTGRES_USER"]
    assert f"//{owner}:" in services["wangge"]["environment"]["WANGGE_ADMIN_DATABASE_URL"]
    assert services["database"]["environment"]["POSTGRES_DB"] == cluster.DATABASE


def test_no_password_is_written_down() -> None:
    for name, value in COMPOSE["services"]["database"]["environment"].items():
        assert "PASSWORD" not in name or value.startswith("${")


def test_every_file_they_name_is_there() -> None:
    mounts = [m for s in COMPOSE["services"].values() for m in s["volumes"] if m.startswith("./")]
    copied = [
        source
        for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE)
        for source in shlex.split(line)[:-1]
    ]
    assert mounts
    assert copied
    for source in [*(mount.split(":")[0] for mount in mounts), *copied]:
        assert (ROOT / source).exists()


def test_the_volumes_are_declared() -> None:
    used = {m.split(":")[0] for s in COMPOSE["services"].values() for m in s["volumes"]}
    assert {name for name in used if not name.startswith(".")} == set(COMPOSE["volumes"])
