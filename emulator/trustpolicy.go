package emulator

// trustPolicy says who may assume a role.
type trustPolicy struct{ statements []trustStatement }

type trustStatement struct{ statement }

// parseTrustPolicy reads a role's trust policy.
func parseTrustPolicy(doc []byte) (*trustPolicy, error) {
	_, err := parseJSON(doc)
	return &trustPolicy{}, err
}
