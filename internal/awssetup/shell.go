package awssetup

import (
	"strings"
)

// shellText quotes a text for a POSIX shell: inside single quotes nothing has a
// meaning but the quote itself. The account's place becomes the variable.
func shellText(text string) string {
	parts := strings.Split(text, account)
	for i, p := range parts {
		parts[i] = "'" + strings.ReplaceAll(p, "'", `'\''`) + "'"
	}
	return strings.Join(parts, `"$account"`)
}

// script writes a bash script for the AWS CLI. What is there already is kept or
// brought in line; a role of somebody else, or with statements of others, stops
// it, because a script cannot merge policies.
func (d *desired) script() (string, error) {
	trust, err := d.trustDocument()
	if err != nil {
		return "", err
	}
	providerTags, err := indented(tagEntries(d.providerTags))
	if err != nil {
		return "", err
	}
	roleTags, err := indented(tagEntries(d.roleTags))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	w := func(lines ...string) {
		for _, l := range lines {
			b.WriteString(l + "\n")
		}
	}
	w("#!/usr/bin/env bash",
		"# Makes AWS trust the Adit environment "+d.facts.EnvironmentName+" ("+d.facts.EnvironmentID+").",
		"# It needs the AWS CLI and administrator permissions, and can be run again:",
		"# existing resources are kept.",
		"set -eu", "export AWS_PAGER='' AWS_REGION="+home(d.partition)+" AWS_DEFAULT_REGION="+home(d.partition), "",
		`account=$(aws sts get-caller-identity --query Account --output text)`)
	if d.account != "" {
		w(`if [ "$account" != `+shellText(d.account)+` ]; then`,
			`  echo "These credentials belong to account $account; this script is for account `+d.account+`." >&2`, "  exit 1", "fi")
	}
	w("provider="+shellText(d.providerARN()), "role="+shellText(d.role), "policy="+shellText(d.policy), "",
		"trust="+shellText(trust), "", "permissions="+shellText(d.permissions), "",
		"provider_tags="+shellText(compacted(providerTags)), "role_tags="+shellText(compacted(roleTags)), "")
	w(scriptFunctions, d.scriptProvider(), d.scriptRole())
	w("# The permissions of the role.",
		`retry aws iam put-role-policy --role-name "$role" --policy-name "$policy" --policy-document "$permissions"`)
	if d.fullAccess {
		w(`retry aws iam attach-role-policy --role-name "$role" --policy-arn ` + shellText(d.managed))
	}
	w("", `arn=$(aws iam get-role --role-name "$role" --query Role.Arn --output text)`,
		`echo "Ready. Now set the role on the environment:"`, `echo "  `+d.finish("$arn")+`"`,
		`echo "or enter it as Role ARN in Studio: $arn"`)
	return b.String(), nil
}

const scriptFunctions = `# IAM takes some seconds to propagate new resources.
retry() {
  for _ in 1 2 3 4 5 6 7 8 9; do
    if output=$("$@" 2>&1); then
      return 0
    fi
    case $output in
      *NoSuchEntity* | *MalformedPolicyDocument*rincipal* | *ConcurrentModification* | *ServiceFailure*) sleep 5 ;;
      *) break ;;
    esac
  done
  echo "$output" >&2
  return 1
}
`

func (d *desired) scriptProvider() string {
	create := "retry aws iam create-open-id-connect-provider --url " + shellText(d.facts.Issuer) + " --client-id-list " + shellText(d.facts.Audience()) + ` --tags "$provider_tags"`
	if d.facts.Thumbprint != "" {
		create += " --thumbprint-list " + shellText(d.facts.Thumbprint)
	}
	return `# The OIDC provider whose tokens the account accepts.
if output=$(` + create + ` 2>&1); then
  echo "created $provider"
else
  case $output in
    *EntityAlreadyExists*)
      aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn "$provider" --client-id ` + shellText(d.facts.Audience()) + `
      echo "kept $provider"
      ;;
    *)
      echo "$output" >&2
      exit 1
      ;;
  esac
fi
`
}

func (d *desired) scriptRole() string {
	create := `retry aws iam create-role --role-name "$role" --path ` + shellText(d.path) + " --description " + shellText(d.description) +
		" --max-session-duration " + itoa(int(d.seconds())) + ` --assume-role-policy-document "$trust" --tags "$role_tags"`
	boundary := ""
	if d.boundary != "" {
		create += " --permissions-boundary " + shellText(d.boundary)
		boundary = `      aws iam put-role-permissions-boundary --role-name "$role" --permissions-boundary ` + shellText(d.boundary) + "\n"
	}
	enough := "-lt"
	if d.sessionSet {
		enough = "-ne"
	}
	return `# The role, and who can assume it.
if output=$(` + create + ` 2>&1); then
  echo "created the role $role"
else
  case $output in
    *EntityAlreadyExists*)
      owner=$(aws iam get-role --role-name "$role" --query "Role.Tags[?Key=='` + tagEnvironment + `'].Value | [0]" --output text)
      others=$(aws iam get-role --role-name "$role" --query "length(Role.AssumeRolePolicyDocument.Statement[?Sid!='` + d.trust.Sid + `'])" --output text)
      if [ "$owner" != ` + shellText(d.facts.EnvironmentID) + ` ] || [ "$others" != 0 ]; then
        echo "The role $role already exists, and is not used by this environment only. Adit can add to it: adit aws setup" >&2
        exit 1
      fi
      aws iam update-assume-role-policy --role-name "$role" --policy-document "$trust"
      if [ "$(aws iam get-role --role-name "$role" --query Role.MaxSessionDuration --output text)" ` + enough + ` ` + itoa(int(d.seconds())) + ` ]; then
        aws iam update-role --role-name "$role" --max-session-duration ` + itoa(int(d.seconds())) + `
      fi
` + boundary + `      aws iam tag-role --role-name "$role" --tags "$role_tags"
      echo "kept the role $role"
      ;;
    *)
      echo "$output" >&2
      exit 1
      ;;
  esac
fi
`
}
