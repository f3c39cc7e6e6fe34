package emulator

import (
	"strconv"
	"strings"
	"time"
)

// maxRoles is IAM's quota of roles in an account.
const maxRoles = 1000

// newRoleARN is the ARN that a role to be made will have.
func (c *iamCall) newRoleARN() string {
	return c.arn("role" + c.path() + c.text["RoleName"])
}

// path is the Path parameter, "/" unless given.
func (c *iamCall) path() string {
	if p := c.text["Path"]; p != "" {
		return p
	}
	return "/"
}

// roleARN is the ARN of the role that RoleName names, its path included.
func (c *iamCall) roleARN() string {
	if r, known := c.x.e.iam.role(c.account(), c.text["RoleName"]); known {
		return r.ARN
	}
	return c.arn("role/" + c.text["RoleName"])
}

func noRole(name string) *awsError {
	return iamError("NoSuchEntity", "The role with name "+name+" cannot be found.")
}

// role is the role that RoleName names.
func (c *iamCall) role() (IAMRole, *awsError) {
	r, known := c.x.e.iam.role(c.account(), c.text["RoleName"])
	if !known {
		return r, noRole(c.text["RoleName"])
	}
	return r, nil
}

// changeRole runs a change of the call's role.
func (c *iamCall) changeRole(change func(*IAMRole) error) (string, *awsError) {
	name := c.text["RoleName"]
	return "", orAWS(c.x.e.iam.updateRole(c.account(), name, c.x.e.now(), change), noRole(name))
}

// createRole is CreateRole.
func createRole(c *iamCall) (string, *awsError) {
	name, document := c.text["RoleName"], c.text["AssumeRolePolicyDocument"]
	if strings.Contains(c.path(), "//") {
		return "", iamError("ValidationError", "The specified value for path is invalid. It must begin and end with / and contain no empty part.")
	}
	if err := c.allowTags("TagRole", c.newRoleARN()); err != nil {
		return "", err
	}
	if err := checkTrust(document); err != nil {
		return "", err
	}
	if err := c.checkBoundary(); err != nil {
		return "", err
	}
	if len(c.x.e.iam.rolesOf(c.account())) >= maxRoles {
		return "", iamError("LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000")
	}
	r := IAMRole{
		ARN: c.newRoleARN(), Name: name, Path: c.path(), RoleID: newKeyID("AROA") + "AA", TrustPolicy: document,
		Description: c.text["Description"], MaxSession: time.Duration(c.number("MaxSessionDuration", 3600)) * time.Second,
		Boundary: c.text["PermissionsBoundary"], Tags: c.tags, Created: c.x.e.now(),
	}
	if err := c.x.e.iam.createRole(r, c.x.e.now()); err != nil {
		return "", iamError("EntityAlreadyExists", "Role with name "+name+" already exists.")
	}
	return roleXML("Role", r, true), nil
}

// roleXML is a role as IAM describes it; lists leave its details out.
func roleXML(name string, r IAMRole, whole bool) string {
	var b strings.Builder
	b.WriteString(element("Path", r.Path) + element("RoleName", r.Name) + element("RoleId", r.RoleID) + element("Arn", r.ARN) +
		element("CreateDate", iamTime(r.Created)) + encodedDocument("AssumeRolePolicyDocument", r.TrustPolicy))
	if r.Description != "" {
		b.WriteString(element("Description", r.Description))
	}
	b.WriteString(element("MaxSessionDuration", strconv.Itoa(int(r.MaxSession.Seconds()))))
	if whole {
		if r.Boundary != "" {
			b.WriteString("<PermissionsBoundary>" + element("PermissionsBoundaryType", "Policy") + element("PermissionsBoundaryArn", r.Boundary) + "</PermissionsBoundary>")
		}
		b.WriteString(someTags(r.Tags) + "<RoleLastUsed></RoleLastUsed>")
	}
	return "<" + name + ">" + b.String() + "</" + name + ">"
}

// getRole is GetRole.
func getRole(c *iamCall) (string, *awsError) {
	r, err := c.role()
	if err != nil {
		return "", err
	}
	return roleXML("Role", r, true), nil
}

// listRoles is ListRoles, which leaves out boundary, tags and last use.
func listRoles(c *iamCall) (string, *awsError) {
	var list []IAMRole
	for _, r := range c.x.e.iam.rolesOf(c.account()) {
		if strings.HasPrefix(r.Path, c.text["PathPrefix"]) {
			list = append(list, r)
		}
	}
	from, to, tail, err := c.page(len(list))
	if err != nil {
		return "", err
	}
	var items []string
	for _, r := range list[from:to] {
		item := roleXML("member", r, false)
		items = append(items, strings.TrimSuffix(strings.TrimPrefix(item, "<member>"), "</member>"))
	}
	return members("Roles", items) + tail, nil
}
