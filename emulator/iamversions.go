package emulator

import (
	"slices"
	"strconv"
	"strings"
)

func noVersion(arn, id string) *awsError {
	return iamError("NoSuchEntity", "Policy "+clip(arn)+" version "+id+" does not exist or is not attachable.")
}

func versionXML(v PolicyVersion, p ManagedPolicy, whole bool) string {
	text := ""
	if whole {
		text = encodedDocument("Document", v.Document)
	}
	return text + element("VersionId", v.ID) + element("IsDefaultVersion", strconv.FormatBool(v.ID == p.Default)) + element("CreateDate", iamTime(v.Created))
}

func findVersion(p ManagedPolicy, id string) int {
	return slices.IndexFunc(p.Versions, func(v PolicyVersion) bool { return v.ID == id })
}

// createPolicyVersion is CreatePolicyVersion. Numbers are never used again
// while a higher one is there.
func createPolicyVersion(c *iamCall) (string, *awsError) {
	if err := checkManaged(c.text["PolicyDocument"]); err != nil {
		return "", err
	}
	var made PolicyVersion
	var changed ManagedPolicy
	err := c.changePolicy(func(p *ManagedPolicy) error {
		if len(p.Versions) >= maxVersions {
			return iamError("LimitExceeded", "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
		}
		latest, _ := strconv.Atoi(strings.TrimPrefix(p.Versions[len(p.Versions)-1].ID, "v"))
		made = PolicyVersion{ID: "v" + strconv.Itoa(latest+1), Document: c.text["PolicyDocument"], Created: c.x.e.now()}
		p.Versions = append(p.Versions, made)
		if c.text["SetAsDefault"] == "true" {
			p.Default, p.Updated = made.ID, made.Created
		}
		changed = *p
		return nil
	})
	if err != nil {
		return "", err
	}
	return "<PolicyVersion>" + versionXML(made, changed, false) + "</PolicyVersion>", nil
}

// getPolicyVersion is GetPolicyVersion.
func getPolicyVersion(c *iamCall) (string, *awsError) {
	arn, id := c.text["PolicyArn"], c.text["VersionId"]
	p, known := c.policy(arn)
	if !known {
		return "", noPolicy(arn)
	}
	at := findVersion(p, id)
	if at < 0 {
		return "", noVersion(arn, id)
	}
	return "<PolicyVersion>" + versionXML(p.Versions[at], p, true) + "</PolicyVersion>", nil
}

// listPolicyVersions is ListPolicyVersions, newest first and without documents.
func listPolicyVersions(c *iamCall) (string, *awsError) {
	p, known := c.policy(c.text["PolicyArn"])
	if !known {
		return "", noPolicy(c.text["PolicyArn"])
	}
	var items []string
	for _, v := range slices.Backward(p.Versions) {
		items = append(items, versionXML(v, p, false))
	}
	from, to, tail, err := c.page(len(items))
	if err != nil {
		return "", err
	}
	return members("Versions", items[from:to]) + tail, nil
}

// changeVersion runs a change that needs the call's version to be there.
func (c *iamCall) changeVersion(change func(p *ManagedPolicy, at int) error) (string, *awsError) {
	return "", c.changePolicy(func(p *ManagedPolicy) error {
		at := findVersion(*p, c.text["VersionId"])
		if at < 0 {
			return noVersion(p.ARN, c.text["VersionId"])
		}
		return change(p, at)
	})
}

// deletePolicyVersion is DeletePolicyVersion; the default one stays.
func deletePolicyVersion(c *iamCall) (string, *awsError) {
	return c.changeVersion(func(p *ManagedPolicy, at int) error {
		if p.Versions[at].ID == p.Default {
			return iamError("DeleteConflict", "Cannot delete the default version of a policy.")
		}
		p.Versions = slices.Delete(p.Versions, at, at+1)
		return nil
	})
}

// setDefaultVersion is SetDefaultPolicyVersion.
func setDefaultVersion(c *iamCall) (string, *awsError) {
	return c.changeVersion(func(p *ManagedPolicy, at int) error {
		p.Default, p.Updated = p.Versions[at].ID, c.x.e.now()
		return nil
	})
}
