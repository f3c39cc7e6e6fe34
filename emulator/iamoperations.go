package emulator

// iamOperations is what the emulator plays of the IAM API: OpenID Connect
// providers, roles, their policies, and managed policies.
func iamOperations() map[string]iamOperation {
	onRole, onNewRole := (*iamCall).roleARN, (*iamCall).newRoleARN
	onProvider := func(c *iamCall) string { return c.text["OpenIDConnectProviderArn"] }
	onPolicy := func(c *iamCall) string { return c.text["PolicyArn"] }
	onNewPolicy := (*iamCall).newPolicyARN
	onNewProvider := func(c *iamCall) string { return c.providerARN() }
	return map[string]iamOperation{
		"CreateOpenIDConnectProvider":             {"Url! ClientIDList ThumbprintList Tags", onNewProvider, createProvider},
		"GetOpenIDConnectProvider":                {"OpenIDConnectProviderArn!", onProvider, getProvider},
		"ListOpenIDConnectProviders":              {"", nil, listProviders},
		"DeleteOpenIDConnectProvider":             {"OpenIDConnectProviderArn!", onProvider, deleteProvider},
		"AddClientIDToOpenIDConnectProvider":      {"OpenIDConnectProviderArn! ClientID!", onProvider, addClientID},
		"RemoveClientIDFromOpenIDConnectProvider": {"OpenIDConnectProviderArn! ClientID!", onProvider, removeClientID},
		"UpdateOpenIDConnectProviderThumbprint":   {"OpenIDConnectProviderArn! ThumbprintList!", onProvider, updateThumbprints},
		"TagOpenIDConnectProvider":                {"OpenIDConnectProviderArn! Tags!", onProvider, tagProvider},
		"UntagOpenIDConnectProvider":              {"OpenIDConnectProviderArn! TagKeys!", onProvider, untagProvider},
		"ListOpenIDConnectProviderTags":           {"OpenIDConnectProviderArn! Marker MaxItems", onProvider, listProviderTags},

		"CreateRole":             {"RoleName! AssumeRolePolicyDocument! Path Description MaxSessionDuration PermissionsBoundary Tags", onNewRole, createRole},
		"GetRole":                {"RoleName!", onRole, getRole},
		"ListRoles":              {"PathPrefix Marker MaxItems", nil, listRoles},
		"UpdateRole":             {"RoleName! Description MaxSessionDuration", onRole, updateRole},
		"UpdateRoleDescription":  {"RoleName! Description!", onRole, updateRoleDescription},
		"UpdateAssumeRolePolicy": {"RoleName! PolicyDocument!", onRole, updateTrust},
		"DeleteRole":             {"RoleName!", onRole, deleteRole},
		"TagRole":                {"RoleName! Tags!", onRole, tagRole},
		"UntagRole":              {"RoleName! TagKeys!", onRole, untagRole},
		"ListRoleTags":           {"RoleName! Marker MaxItems", onRole, listRoleTags},

		"PutRolePolicy":                 {"RoleName! PolicyName! PolicyDocument!", onRole, putRolePolicy},
		"GetRolePolicy":                 {"RoleName! PolicyName!", onRole, getRolePolicy},
		"DeleteRolePolicy":              {"RoleName! PolicyName!", onRole, deleteRolePolicy},
		"ListRolePolicies":              {"RoleName! Marker MaxItems", onRole, listRolePolicies},
		"AttachRolePolicy":              {"RoleName! PolicyArn!", onRole, attachRolePolicy},
		"DetachRolePolicy":              {"RoleName! PolicyArn!", onRole, detachRolePolicy},
		"ListAttachedRolePolicies":      {"RoleName! PathPrefix Marker MaxItems", onRole, listAttached},
		"PutRolePermissionsBoundary":    {"RoleName! PermissionsBoundary!", onRole, putBoundary},
		"DeleteRolePermissionsBoundary": {"RoleName!", onRole, deleteBoundary},
		"ListInstanceProfilesForRole":   {"RoleName! Marker MaxItems", onRole, listInstanceProfiles},

		"CreatePolicy":            {"PolicyName! PolicyDocument! Path Description Tags", onNewPolicy, createPolicy},
		"GetPolicy":               {"PolicyArn!", onPolicy, getPolicy},
		"ListPolicies":            {"Scope OnlyAttached PathPrefix PolicyUsageFilter Marker MaxItems", nil, listPolicies},
		"DeletePolicy":            {"PolicyArn!", onPolicy, deletePolicy},
		"CreatePolicyVersion":     {"PolicyArn! PolicyDocument! SetAsDefault", onPolicy, createPolicyVersion},
		"GetPolicyVersion":        {"PolicyArn! VersionId!", onPolicy, getPolicyVersion},
		"ListPolicyVersions":      {"PolicyArn! Marker MaxItems", onPolicy, listPolicyVersions},
		"DeletePolicyVersion":     {"PolicyArn! VersionId!", onPolicy, deletePolicyVersion},
		"SetDefaultPolicyVersion": {"PolicyArn! VersionId!", onPolicy, setDefaultVersion},
		"TagPolicy":               {"PolicyArn! Tags!", onPolicy, tagPolicy},
		"UntagPolicy":             {"PolicyArn! TagKeys!", onPolicy, untagPolicy},
		"ListPolicyTags":          {"PolicyArn! Marker MaxItems", onPolicy, listPolicyTags},
	}
}
