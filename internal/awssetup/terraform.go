package awssetup

import "strings"

// terraformHead is what every module begins with.
const terraformHead = `terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "create_provider" {
  description = "false if the account already has the provider; it must have the audience."
  type        = bool
  default     = true
}

data "aws_caller_identity" "current" {}
`

// terraformARN is the ARN of the provider, whether made here or found.
const terraformARN = `
locals {
  provider_arn = one(concat(
    aws_iam_openid_connect_provider.adit[*].arn,
    data.aws_iam_openid_connect_provider.adit[*].arn,
  ))
}
`

const terraformOutputs = `
output "role_arn" {
  description = "Set it on the environment."
  value       = aws_iam_role.adit.arn
}

output "provider_arn" {
  value = local.provider_arn
}
`

// terraform writes a module.
func (d *desired) terraform() (string, error) {
	trust, err := d.trustDocument()
	if err != nil {
		return "", err
	}
	trustTree, err := parseTree(trust)
	if err != nil {
		return "", err
	}
	permissions, err := parseTree(d.permissions)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("# Trust for the Adit environment " + d.facts.EnvironmentName + " (" + d.facts.EnvironmentID + ").\n")
	b.WriteString("# After applying it, enter the output role_arn as Role ARN in Studio, or run: " + d.finish("ARN") + "\n\n")
	b.WriteString(terraformHead)
	b.WriteString(d.terraformProvider())
	b.WriteString(terraformARN)
	b.WriteString(d.terraformRole(trustTree))

	b.WriteString("\nresource \"aws_iam_role_policy\" \"adit\" {\n")
	b.WriteString(hclLines("  ", hclAttribute{"name", hclText(d.policy)}, hclAttribute{"role", "aws_iam_role.adit.name"}))
	b.WriteString("\n  policy = jsonencode(" + hclValue(permissions, "  ", nil) + ")\n}\n")
	if d.fullAccess {
		b.WriteString("\nresource \"aws_iam_role_policy_attachment\" \"full_access\" {\n")
		b.WriteString(hclLines("  ", hclAttribute{"role", "aws_iam_role.adit.name"}, hclAttribute{"policy_arn", hclText(d.managed)}) + "}\n")
	}
	b.WriteString(terraformOutputs)
	return b.String(), nil
}

func (d *desired) terraformProvider() string {
	url, audience := hclText(d.facts.Issuer), hclText(d.facts.Audience())
	settings := []hclAttribute{{"url", url}, {"client_id_list", "[" + audience + "]"}}
	if d.facts.Thumbprint != "" {
		settings = append(settings, hclAttribute{"thumbprint_list", "[" + hclText(d.facts.Thumbprint) + "]"})
	}
	return "\nresource \"aws_iam_openid_connect_provider\" \"adit\" {\n  count = var.create_provider ? 1 : 0\n\n" +
		hclLines("  ", settings...) +
		"\n  tags = " + hclValue(tagMembers(d.providerTags), "  ", nil) + "\n}\n" +
		"\ndata \"aws_iam_openid_connect_provider\" \"adit\" {\n  count = var.create_provider ? 0 : 1\n\n" +
		"  url = " + url + "\n\n  lifecycle {\n    postcondition {\n" +
		hclLines("      ", hclAttribute{"condition", "contains(self.client_id_list, " + audience + ")"},
			hclAttribute{"error_message", hclText("The provider lacks the audience " + d.facts.Audience() + ": add it where the provider is defined.")}) +
		"    }\n  }\n}\n"
}

func (d *desired) terraformRole(trust tree) string {
	settings := []hclAttribute{
		{"name", hclText(d.role)}, {"path", hclText(d.path)}, {"description", hclText(d.description)}, {"max_session_duration", itoa(int(d.seconds()))},
	}
	if d.boundary != "" {
		settings = append(settings, hclAttribute{"permissions_boundary", hclText(d.boundary)})
	}
	refs := map[string]string{d.providerARN(): "local.provider_arn"}
	out := "\nresource \"aws_iam_role\" \"adit\" {\n" + hclLines("  ", settings...) +
		"\n  assume_role_policy = jsonencode(" + hclValue(trust, "  ", refs) + ")\n" +
		"\n  tags = " + hclValue(tagMembers(d.roleTags), "  ", nil) + "\n"
	if d.account != "" {
		out += "\n  lifecycle {\n    precondition {\n" + hclLines("      ",
			hclAttribute{"condition", "data.aws_caller_identity.current.account_id == " + hclText(d.account)},
			hclAttribute{"error_message", hclText("This module is for the AWS account " + d.account + ".")}) + "    }\n  }\n"
	}
	return out + "}\n"
}
