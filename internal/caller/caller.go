package caller

// Caller is who makes a request. It is a value: copy it, compare its Key, keep it.
type Caller struct {
	// Organization is the tenant that the caller belongs to.
	Organization string
	// Key tells one caller from another; limits and accounts are kept by it.
	Key string
	// Name is what people call it, such as the name of an API key.
	Name string
}

// Local is the only caller of a server that has no organizations: whoever
// holds one of its keys, or whoever can reach its loopback address.
func Local() Caller {
	return Caller{Organization: "local", Key: "local", Name: "local"}
}
