package awssetup

import "strings"

// cloudFormation writes a template in JSON. The names of condition keys are
// literal, since no function of CloudFormation can make the name of a member.
func (d *desired) cloudFormation() (string, error) {
	trust, err := d.trustDocument()
	if err != nil {
		return "", err
	}
	parsed, err := parseTree(trust)
	if err != nil {
		return "", err
	}
	// Made here, the provider must be there before the role: a reference says so,
	// which DependsOn may not say of what a condition can leave out.
	trustTree := mapTexts(parsed, func(text string) tree {
		if text != d.providerARN() {
			return substitute(text)
		}
		return members{{"Fn::If", []tree{"CreateProvider", members{{"Ref", "Provider"}}, substitute(text)}}}
	})
	permissions, err := substituted(d.permissions)
	if err != nil {
		return "", err
	}
	return withNewline(indented(members{
		{"AWSTemplateFormatVersion", "2010-09-09"},
		{"Description", "Trust for the Adit environment " + d.facts.EnvironmentName + " (" + d.facts.EnvironmentID + "). Deploy it with the capability CAPABILITY_NAMED_IAM."},
		{"Parameters", members{{"CreateProvider", members{
			{"Type", "String"}, {"Default", "true"}, {"AllowedValues", []tree{"true", "false"}},
			{"Description", "false if the account already has the provider " + d.facts.Host() + "; it must have the audience " + d.facts.Audience() + "."},
		}}}},
		{"Conditions", members{{"CreateProvider", members{{"Fn::Equals", []tree{members{{"Ref", "CreateProvider"}}, "true"}}}}}},
		{"Resources", members{
			{"Provider", d.providerResource()},
			{"Role", members{{"Type", "AWS::IAM::Role"}, {"Properties", d.roleProperties(trustTree, permissions)}}},
		}},
		{"Outputs", members{
			{"RoleArn", members{{"Description", "Enter it as Role ARN in Studio, or run: " + d.finish("ARN")}, {"Value", members{{"Fn::GetAtt", []tree{"Role", "Arn"}}}}}},
			{"ProviderArn", members{{"Value", substitute(d.providerARN())}}},
		}},
	}))
}

// providerResource stays when the stack goes: other environments may use it.
func (d *desired) providerResource() members {
	properties := members{{"Url", d.facts.Issuer}, {"ClientIdList", []tree{d.facts.Audience()}}}
	if d.facts.Thumbprint != "" {
		properties = append(properties, member{"ThumbprintList", []tree{d.facts.Thumbprint}})
	}
	return members{
		{"Type", "AWS::IAM::OIDCProvider"}, {"Condition", "CreateProvider"}, {"DeletionPolicy", "Retain"}, {"UpdateReplacePolicy", "Retain"},
		{"Properties", append(properties, member{"Tags", tagEntries(d.providerTags)})},
	}
}

func (d *desired) roleProperties(trust, permissions tree) members {
	out := members{
		{"RoleName", d.role}, {"Path", d.path}, {"Description", d.description}, {"MaxSessionDuration", d.seconds()},
		{"AssumeRolePolicyDocument", trust},
		{"Policies", []tree{members{{"PolicyName", d.policy}, {"PolicyDocument", permissions}}}},
	}
	if d.boundary != "" {
		out = append(out, member{"PermissionsBoundary", d.boundary})
	}
	if d.fullAccess {
		out = append(out, member{"ManagedPolicyArns", []tree{d.managed}})
	}
	return append(out, member{"Tags", tagEntries(d.roleTags)})
}

// substituted reads a policy and lets CloudFormation write the account's id.
func substituted(policy string) (tree, error) {
	t, err := parseTree(policy)
	if err != nil {
		return nil, err
	}
	return mapTexts(t, substitute), nil
}

func substitute(text string) tree {
	if !strings.Contains(text, account) {
		return text
	}
	return members{{"Fn::Sub", in(strings.ReplaceAll(text, "${", "${!"), "${AWS::AccountId}")}}
}

func withNewline(text string, err error) (string, error) { return text + "\n", err }
