package model

import (
	"encoding/json"
	"slices"
	"strings"
)

// Use is one model that a policy must let its holder invoke.
type Use struct {
	ID     ID
	Region string
	// Family tells which models an opaque application profile may stand for; nil means any.
	Family *Family
}

// Statement is one statement of an IAM policy, its members in the order people write them.
type Statement struct {
	Sid    string `json:"Sid"`
	Effect string `json:"Effect"`
	// Action and Resource are a string or a list of strings, as IAM takes either.
	Action    any                          `json:"Action"`
	Resource  any                          `json:"Resource"`
	Condition map[string]map[string]string `json:"Condition,omitempty"`
}

// Policy returns the least IAM policy that lets its holder invoke the models,
// as indented JSON. account is as in [Grants].
func Policy(uses []Use, account string) ([]byte, error) {
	return json.MarshalIndent(struct {
		Version   string      `json:"Version"`
		Statement []Statement `json:"Statement"`
	}{"2012-10-17", Grants(uses, account)}, "", "  ")
}

// Grants returns the least statements that let their holder invoke the models.
// account fills the ARNs of inference profiles; "" writes *, which means
// whichever account the policy is attached in.
//
// A profile needs itself and the model in each of its destination regions
// (Bedrock user guide, Prerequisites for inference profiles).
func Grants(uses []Use, account string) []Statement {
	direct := Statement{Sid: "InvokeModels", Effect: "Allow", Action: "bedrock:InvokeModel"}
	var models []string
	profiles := map[string][]string{} // profile ARN -> model ARNs
	for _, u := range uses {
		profile, arns := u.resources(account)
		if profile == "" {
			models = append(models, arns...)
			continue
		}
		profiles[profile] = append(profiles[profile], arns...)
	}
	var statements []Statement
	if len(models) > 0 {
		direct.Resource = sorted(models)
		statements = append(statements, direct)
	}
	if len(profiles) > 0 {
		statements = append(statements, profileStatements(profiles)...)
	}
	return statements
}

func profileStatements(profiles map[string][]string) []Statement {
	var names, application []string
	var out []Statement
	for p := range profiles {
		names = append(names, p)
		if strings.Contains(p, ":application-inference-profile/") {
			application = append(application, p)
		}
	}
	out = append(out, Statement{Sid: "InvokeProfiles", Effect: "Allow", Action: "bedrock:InvokeModel", Resource: sorted(names)})
	if len(application) > 0 {
		out = append(out, Statement{Sid: "ResolveProfiles", Effect: "Allow", Action: "bedrock:GetInferenceProfile", Resource: sorted(application)})
	}
	for i, p := range sorted(names) {
		out = append(out, Statement{
			Sid: "InvokeBehindProfile" + string(rune('A'+i%26)) + strings.Repeat("x", i/26), Effect: "Allow", Action: "bedrock:InvokeModel", Resource: sorted(profiles[p]),
			Condition: map[string]map[string]string{"StringLike": {"bedrock:InferenceProfileArn": p}},
		})
	}
	return out
}

// resources returns the profile that is invoked, if one is, and the ARNs of
// the models that must be allowed.
func (u Use) resources(account string) (profile string, models []string) {
	if account == "" {
		account = "*"
	}
	partition := Partition(u.Region)
	prefix := "arn:" + partition + ":bedrock:"
	a, isARN := u.ID.ARN()
	if isARN {
		switch a.Type {
		case "inference-profile":
			return u.ID.String(), destinations(prefix, u.ID.Geography(), u.ID.Base())
		case "application-inference-profile":
			return u.ID.String(), behind(prefix, u.Family)
		}
		return "", []string{u.ID.String()}
	}
	if g := u.ID.Geography(); g != "" {
		return prefix + u.Region + ":" + account + ":inference-profile/" + u.ID.String(), destinations(prefix, g, u.ID.Base())
	}
	return "", []string{prefix + u.Region + "::foundation-model/" + u.ID.Base()}
}

// behind returns the models that an application profile of the family may lead
// to. The profile's own ARN stands in the condition, so that any model is not
// every model.
func behind(prefix string, f *Family) (models []string) {
	if f == nil {
		return []string{prefix + "*::foundation-model/*"}
	}
	for _, base := range f.IDs {
		models = append(models, prefix+"*::foundation-model/"+base)
	}
	return models
}

// destinations returns the model's ARN in every region of a geography. The
// regions of a geography change, so names with a common beginning are covered
// by it; a global profile's destination has an empty region as well.
func destinations(prefix, geography, base string) []string {
	model := "::foundation-model/" + base
	begins := map[string][]string{
		"us": {"us-*"}, "us-gov": {"us-gov-*"}, "eu": {"eu-*"}, "apac": {"ap-*"}, "jp": {"ap-northeast-*"},
		"au": {"ap-southeast-*"}, "ca": {"ca-*", "us-*"}, "global": {"*", ""},
	}[geography]
	if begins == nil {
		begins = []string{"*"}
	}
	var out []string
	for _, r := range begins {
		out = append(out, prefix+r+model)
	}
	return out
}

// Partition returns the partition of a region: aws, aws-cn or aws-us-gov.
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
