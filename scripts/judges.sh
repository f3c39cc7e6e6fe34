#!/bin/sh
# Installs the JavaScript that judges Adit from outside (OpenAI's client, AWS's
# for Bedrock, and axe-core for pages) in the versions that
# scripts/judges/package.json pins, and prints their folder, which tests take as
# ADIT_JUDGES. Without Node.js it prints nothing, says on stderr what will be
# skipped, and fails only under CI=true.
# Terraform's AWS provider is not fetched: where a machine has a mirror of it, a
# link in the folder names that. Without Terraform or cfn-lint their tests skip.
#
# A test runs `node --input-type=module` in that folder with its program on
# stdin: imports of a program on stdin are resolved from the working directory.
set -eu
cd "$(dirname "$0")/.."

without() {
  echo "judges: $*" >&2
  [ "${CI:-}" != true ] || exit 1
}

command -v aws >/dev/null || without "no aws; tests that drive Adit with the AWS CLI are skipped (install awscli)"
python3 -c 'import boto3, sys; sys.exit("bedrock-runtime" not in boto3.Session().get_available_services())' 2>/dev/null ||
  without "no python3 whose boto3 knows Bedrock (1.28.57 or later); tests that drive Adit with boto3 are skipped (pip install boto3)"

if ! command -v npm >/dev/null || ! node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)'; then
  without "no npm, or no Node.js 20 or later; tests that drive Adit with JavaScript clients are skipped"
  exit 0
fi

dir=.cache/judges
# The copy of package.json is written last: it stands for a finished install.
if ! cmp -s scripts/judges/package.json "$dir/installed.json"; then
  rm -rf "$dir"
  mkdir -p "$dir"
  cp scripts/judges/package.json "$dir/package.json"
  if ! (cd "$dir" && npm install --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error >&2); then
    without "npm install failed; tests that drive Adit with JavaScript clients are skipped"
    exit 0
  fi
  cp scripts/judges/package.json "$dir/installed.json"
fi
rm -f "$dir/terraform"
for mirror in "${HOME:-/}/.terraform.d/plugins" /usr/local/share/terraform/plugins /usr/share/terraform/plugins /opt/*; do
  [ ! -d "$mirror/registry.terraform.io/hashicorp/aws" ] || ln -sfn "$mirror" "$dir/terraform"
done
[ -e "$dir/terraform" ] && command -v terraform >/dev/null || echo "judges: no Terraform with a mirror of its AWS provider; its tests are skipped" >&2
command -v cfn-lint >/dev/null || echo "judges: no cfn-lint; the test of the template with it is skipped" >&2
cd "$dir" && pwd
