package emulator

import (
	"slices"
	"strconv"
	"strings"
)

// maxVersions is IAM's quota of versions of a managed policy.
const maxVersions = 5

func (c *iamCall) newPolicyARN() string { return c.arn("policy" + c.path() + c.text["PolicyName"]) }

func noPolicy(arn string) *awsError {
	return iamError("NoSuchEntity", "Policy "+clip(arn)+" was not found.")
}

// policy finds a policy of the account, or one of AWS's own.
func (c *iamCall) policy(arn string) (ManagedPolicy, bool) {
	p, known := c.x.e.iam.policy(arn)
	a, _ := parseARN(arn)
	return p, known && (a.account == c.account() || a.account == "aws")
}

// changePolicy runs a change of the call's policy, which must be the account's.
func (c *iamCall) changePolicy(change func(*ManagedPolicy) error) *awsError {
	arn := c.text["PolicyArn"]
	if !c.owns(arn) {
		if _, known := c.policy(arn); known {
			return iamError("AccessDenied", "Policies of AWS cannot be changed.")
		}
		return noPolicy(arn)
	}
	return orAWS(c.x.e.iam.updatePolicy(arn, change), noPolicy(arn))
}

func checkManaged(document string) *awsError {
	if documentSize(document) > maxManaged {
		return iamError("LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
	}
	return checkIdentityPolicy(document)
}

// createPolicy is CreatePolicy.
func createPolicy(c *iamCall) (string, *awsError) {
	if err := c.allowTags("TagPolicy", c.newPolicyARN()); err != nil {
		return "", err
	}
	if err := checkManaged(c.text["PolicyDocument"]); err != nil {
		return "", err
	}
	now := c.x.e.now()
	p := ManagedPolicy{
		ARN: c.newPolicyARN(), Name: c.text["PolicyName"], Path: c.path(), PolicyID: newKeyID("ANPA") + "AA", Description: c.text["Description"], Default: "v1",
		Versions: []PolicyVersion{{ID: "v1", Document: c.text["PolicyDocument"], Created: now}}, Tags: c.tags, Created: now, Updated: now,
	}
	if err := c.x.e.iam.createPolicy(p); err != nil {
		return "", iamError("EntityAlreadyExists", "A policy called "+p.Name+" already exists. Duplicate names are not allowed.")
	}
	return "<Policy>" + c.policyXML(p) + "</Policy>", nil
}

// policyXML is a managed policy without its document, as IAM describes it.
func (c *iamCall) policyXML(p ManagedPolicy) string {
	attached, boundaries := c.uses(p.ARN)
	text := element("PolicyName", p.Name) + element("PolicyId", p.PolicyID) + element("Arn", p.ARN) + element("Path", p.Path) +
		element("DefaultVersionId", p.Default) + element("AttachmentCount", strconv.Itoa(attached)) +
		element("PermissionsBoundaryUsageCount", strconv.Itoa(boundaries)) + element("IsAttachable", "true")
	if p.Description != "" {
		text += element("Description", p.Description)
	}
	return text + element("CreateDate", iamTime(p.Created)) + element("UpdateDate", iamTime(p.Updated)) + someTags(p.Tags)
}

// uses counts the roles that have a policy attached and as their boundary.
func (c *iamCall) uses(arn string) (attached, boundaries int) {
	for _, r := range c.x.e.iam.rolesOf(c.account()) {
		if slices.Contains(r.Attached, arn) {
			attached++
		}
		if r.Boundary == arn {
			boundaries++
		}
	}
	return attached, boundaries
}

// getPolicy is GetPolicy.
func getPolicy(c *iamCall) (string, *awsError) {
	p, known := c.policy(c.text["PolicyArn"])
	if !known {
		return "", noPolicy(c.text["PolicyArn"])
	}
	return "<Policy>" + c.policyXML(p) + "</Policy>", nil
}

// listPolicies is ListPolicies: the account's own and AWS's that the emulator
// knows, without their tags.
func listPolicies(c *iamCall) (string, *awsError) {
	var list []ManagedPolicy
	if c.text["Scope"] != "Local" {
		list = append(list, builtInPolicies(partitionOf(c.x.event.Region))...)
	}
	if c.text["Scope"] != "AWS" {
		list = append(list, c.x.e.iam.policiesOf(c.account())...)
	}
	var items []string
	for _, p := range list {
		if c.listed(p) {
			p.Tags = nil
			items = append(items, c.policyXML(p))
		}
	}
	from, to, tail, err := c.page(len(items))
	if err != nil {
		return "", err
	}
	return members("Policies", items[from:to]) + tail, nil
}

// listed applies the filters of ListPolicies.
func (c *iamCall) listed(p ManagedPolicy) bool {
	attached, boundaries := c.uses(p.ARN)
	used := attached + boundaries
	switch c.text["PolicyUsageFilter"] {
	case "PermissionsPolicy":
		used = attached
	case "PermissionsBoundary":
		used = boundaries
	}
	return strings.HasPrefix(p.Path, c.text["PathPrefix"]) && (c.text["OnlyAttached"] != "true" || used > 0) &&
		(c.text["PolicyUsageFilter"] == "" || used > 0)
}

// deletePolicy is DeletePolicy: only an unused policy with one version goes.
func deletePolicy(c *iamCall) (string, *awsError) {
	arn := c.text["PolicyArn"]
	if !c.owns(arn) {
		return "", noPolicy(arn)
	}
	return "", orAWS(c.x.e.iam.deletePolicy(arn, func(p ManagedPolicy, attached, boundaries int) error {
		switch {
		case attached+boundaries > 0:
			return iamError("DeleteConflict", "Cannot delete a policy attached to entities.")
		case len(p.Versions) > 1:
			return iamError("DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
		}
		return nil
	}), noPolicy(arn))
}

// tagPolicy is TagPolicy.
func tagPolicy(c *iamCall) (string, *awsError) {
	return "", c.changePolicy(func(p *ManagedPolicy) (err error) {
		p.Tags, err = mergeTags(p.Tags, c.tags)
		return err
	})
}

// untagPolicy is UntagPolicy.
func untagPolicy(c *iamCall) (string, *awsError) {
	return "", c.changePolicy(func(p *ManagedPolicy) error {
		p.Tags = withoutTags(p.Tags, c.list["TagKeys"])
		return nil
	})
}

// listPolicyTags is ListPolicyTags.
func listPolicyTags(c *iamCall) (string, *awsError) {
	p, known := c.policy(c.text["PolicyArn"])
	if !known {
		return "", noPolicy(c.text["PolicyArn"])
	}
	return c.listTags(p.Tags)
}
