"""Terraform: examples/terraform, with the AWS provider from a directory of this machine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.clients import ROOT, FailedError, SkippedError, run

EXAMPLE = ROOT / "examples" / "terraform"
REGISTRY = "registry.terraform.io"
# -detailed-exitcode: 0 says that a plan is empty, 2 that it is not.
STEPS = (
    "terraform init -input=false -no-color && terraform apply -auto-approve -input=false -no-color && "
    "terraform plan -detailed-exitcode -input=false -no-color && "
    "terraform destroy -auto-approve -input=false -no-color"
)


def story(where: Path) -> None:
    """Apply, plan again and find nothing to do, destroy."""
    if not shutil.which("terraform"):
        raise SkippedError("there is no terraform")
    mirror = _mirror()
    if mirror is None:
        raise SkippedError(f"there is no directory {REGISTRY} with the provider hashicorp/aws")
    shutil.copy(EXAMPLE / "main.tf", where)
    (where / "terraform.rc").write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    )
    log = where / "terraform.log"
    variables = {"TF_CLI_CONFIG_FILE": str(where / "terraform.rc"), "TF_LOG": "DEBUG", "TF_LOG_PATH": str(log)}
    try:
        said = run(["sh", "-c", STEPS], where, CHECKPOINT_DISABLE="1", **variables)
    except FailedError as problem:
        # Once, on a busy machine, the provider sent a create a second time; nothing but its own log can say why.
        lines = [each for each in log.read_text(errors="replace").splitlines() if "retry" in each.lower()]
        raise FailedError(
            "\n".join([str(problem), "what the provider says of its retries:", *lines[-40:]])
        ) from problem
    for words in ("5 added, 0 changed", "No changes.", "5 destroyed"):
        assert words in said, said


def _mirror() -> Path | None:
    """Return the directory that holds a registry's providers, wherever it is."""
    pruned = ["(", "-path", "/proc", "-o", "-path", "/sys", ")", "-prune", "-o"]
    found = subprocess.run(
        ["find", "/", *pruned, "-type", "d", "-name", REGISTRY, "-print"], capture_output=True, text=True
    ).stdout
    mirrors = (Path(line) for line in found.splitlines())
    return next((each.parent for each in mirrors if (each / "hashicorp" / "aws").is_dir()), None)
