package emulator

import "time"

// updateRole is UpdateRole: what is not sent stays.
func updateRole(c *iamCall) (string, *awsError) {
	return c.changeRole(func(r *IAMRole) error {
		if text, sent := c.text["Description"]; sent {
			r.Description = text
		}
		r.MaxSession = time.Duration(c.number("MaxSessionDuration", int(r.MaxSession.Seconds()))) * time.Second
		return nil
	})
}

// updateRoleDescription is UpdateRoleDescription, which answers with the role.
func updateRoleDescription(c *iamCall) (string, *awsError) {
	if _, err := updateRole(c); err != nil {
		return "", err
	}
	return getRole(c)
}

// updateTrust is UpdateAssumeRolePolicy.
func updateTrust(c *iamCall) (string, *awsError) {
	document := c.text["PolicyDocument"]
	if _, err := c.role(); err != nil {
		return "", err
	}
	if err := checkTrust(document); err != nil {
		return "", err
	}
	return c.changeRole(func(r *IAMRole) error {
		r.TrustPolicy = document
		return nil
	})
}

// deleteRole is DeleteRole, which leaves roles with policies alone.
func deleteRole(c *iamCall) (string, *awsError) {
	name := c.text["RoleName"]
	return "", orAWS(c.x.e.iam.deleteRole(c.account(), name, func(r IAMRole) error {
		switch {
		case len(r.Attached) > 0:
			return iamError("DeleteConflict", "Cannot delete entity, must detach all policies first.")
		case len(r.Inline) > 0:
			return iamError("DeleteConflict", "Cannot delete entity, must delete policies first.")
		}
		return nil
	}), noRole(name))
}

// tagRole is TagRole.
func tagRole(c *iamCall) (string, *awsError) {
	return c.changeRole(func(r *IAMRole) (err error) {
		r.Tags, err = mergeTags(r.Tags, c.tags)
		return err
	})
}

// untagRole is UntagRole.
func untagRole(c *iamCall) (string, *awsError) {
	return c.changeRole(func(r *IAMRole) error {
		r.Tags = withoutTags(r.Tags, c.list["TagKeys"])
		return nil
	})
}

// listRoleTags is ListRoleTags.
func listRoleTags(c *iamCall) (string, *awsError) {
	r, err := c.role()
	if err != nil {
		return "", err
	}
	return c.listTags(r.Tags)
}
