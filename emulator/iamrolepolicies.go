package emulator

import (
	"maps"
	"slices"
	"strings"
)

// maxAttached is IAM's quota of managed policies attached to a role.
const maxAttached = 10

func noRolePolicy(name string) *awsError {
	return iamError("NoSuchEntity", "The role policy with name "+name+" cannot be found.")
}

// putRolePolicy is PutRolePolicy: it makes an inline policy or replaces it.
func putRolePolicy(c *iamCall) (string, *awsError) {
	name, document := c.text["PolicyName"], c.text["PolicyDocument"]
	if _, err := c.role(); err != nil {
		return "", err
	}
	if err := checkIdentityPolicy(document); err != nil {
		return "", err
	}
	return c.changeRole(func(r *IAMRole) error {
		r.Inline[name] = document
		size := 0
		for _, d := range r.Inline {
			size += documentSize(d)
		}
		if size > maxInline {
			return iamError("LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role "+r.Name)
		}
		return nil
	})
}

// getRolePolicy is GetRolePolicy.
func getRolePolicy(c *iamCall) (string, *awsError) {
	r, err := c.role()
	if err != nil {
		return "", err
	}
	document, known := r.Inline[c.text["PolicyName"]]
	if !known {
		return "", noRolePolicy(c.text["PolicyName"])
	}
	return element("RoleName", r.Name) + element("PolicyName", c.text["PolicyName"]) + encodedDocument("PolicyDocument", document), nil
}

// deleteRolePolicy is DeleteRolePolicy.
func deleteRolePolicy(c *iamCall) (string, *awsError) {
	name := c.text["PolicyName"]
	return c.changeRole(func(r *IAMRole) error {
		if _, known := r.Inline[name]; !known {
			return noRolePolicy(name)
		}
		delete(r.Inline, name)
		return nil
	})
}

// listRolePolicies is ListRolePolicies: names only.
func listRolePolicies(c *iamCall) (string, *awsError) {
	r, err := c.role()
	if err != nil {
		return "", err
	}
	names := slices.Sorted(maps.Keys(r.Inline))
	from, to, tail, err := c.page(len(names))
	if err != nil {
		return "", err
	}
	return members("PolicyNames", escaped(names[from:to])) + tail, nil
}

// attachRolePolicy is AttachRolePolicy; one that is attached already is no
// error.
func attachRolePolicy(c *iamCall) (string, *awsError) {
	arn := c.text["PolicyArn"]
	if _, known := c.policy(arn); !known {
		return "", notAttachable(arn)
	}
	return c.changeRole(func(r *IAMRole) error {
		if !slices.Contains(r.Attached, arn) {
			r.Attached = append(r.Attached, arn)
		}
		if len(r.Attached) > maxAttached {
			return iamError("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10")
		}
		return nil
	})
}

func notAttachable(arn string) *awsError {
	return iamError("NoSuchEntity", "Policy "+clip(arn)+" does not exist or is not attachable.")
}

// detachRolePolicy is DetachRolePolicy.
func detachRolePolicy(c *iamCall) (string, *awsError) {
	arn := c.text["PolicyArn"]
	return c.changeRole(func(r *IAMRole) error {
		at := slices.Index(r.Attached, arn)
		if at < 0 {
			return iamError("NoSuchEntity", "Policy "+clip(arn)+" was not found.")
		}
		r.Attached = slices.Delete(r.Attached, at, at+1)
		return nil
	})
}

// listAttached is ListAttachedRolePolicies.
func listAttached(c *iamCall) (string, *awsError) {
	r, err := c.role()
	if err != nil {
		return "", err
	}
	var items []string
	for _, arn := range r.Attached {
		if p, known := c.policy(arn); known && strings.HasPrefix(p.Path, c.text["PathPrefix"]) {
			items = append(items, element("PolicyName", p.Name)+element("PolicyArn", p.ARN))
		}
	}
	from, to, tail, err := c.page(len(items))
	if err != nil {
		return "", err
	}
	return members("AttachedPolicies", items[from:to]) + tail, nil
}

// checkBoundary refuses a permissions boundary that is no policy.
func (c *iamCall) checkBoundary() *awsError {
	arn, sent := c.text["PermissionsBoundary"]
	if !sent {
		return nil
	}
	if _, known := c.policy(arn); !known {
		return iamError("NoSuchEntity", "Scope ARN: "+clip(arn)+" does not exist or is not attachable.")
	}
	return nil
}

// putBoundary is PutRolePermissionsBoundary.
func putBoundary(c *iamCall) (string, *awsError) {
	if err := c.checkBoundary(); err != nil {
		return "", err
	}
	return c.changeRole(func(r *IAMRole) error {
		r.Boundary = c.text["PermissionsBoundary"]
		return nil
	})
}

// deleteBoundary is DeleteRolePermissionsBoundary.
func deleteBoundary(c *iamCall) (string, *awsError) {
	return c.changeRole(func(r *IAMRole) error {
		if r.Boundary == "" {
			return iamError("NoSuchEntity", "Role "+r.Name+" has no permissions boundary.")
		}
		r.Boundary = ""
		return nil
	})
}

// listInstanceProfiles is ListInstanceProfilesForRole. There are none:
// Terraform asks before it deletes a role.
func listInstanceProfiles(c *iamCall) (string, *awsError) {
	if _, err := c.role(); err != nil {
		return "", err
	}
	return members("InstanceProfiles", nil) + element("IsTruncated", "false"), nil
}
