package architecture

import "slices"

// words are the rooms that import nothing but the standard library, and that
// every room may import.
func words() []string {
	return []string{"caller", "fault", "ident", "secret", "vector"}
}

// edges are the rooms that speak to the outside. Only app may import them.
func edges() []string {
	return []string{"container", "control", "openai", "studio"}
}

// clients are the rooms that reach the control API as another program would.
func clients() []string { return []string{"cli", "studio"} }

// arrows is the table of allowed imports between rooms: the key may import the
// values, and the words besides. A room is a folder of internal/ with all that
// is below it, or one of the folders emulator, docs and cmd/adit.
//
// A row may stand here before its room does.
func arrows() map[string][]string {
	table := map[string][]string{
		// Configuration.
		"secretstore": {},
		"spicepod":    {"model", "secretstore"},

		// AWS.
		"model":      {},
		"credential": {},
		"bedrock":    {"credential", "limit", "model", "telemetry"},

		// Inference.
		"limit":   {},
		"gateway": {"bedrock", "credential", "limit", "model", "telemetry"},

		// Keyless.
		"seal":       {},
		"signing":    {"audit", "seal"},
		"issuer":     {"audit", "signing"},
		"federation": {"audit", "credential", "issuer", "tenant"},
		"awssetup":   {"model"},
		"diagnose":   {"awssetup", "bedrock", "credential", "federation", "issuer", "tenant"},

		// Control plane.
		"audit":  {},
		"roster": {},
		"tenant": {"audit", "model", "roster"},
		"access": {"audit", "roster"},
		"usage":  {},
		"pace":   {},
		"signin": {"access", "audit", "pace"},
		"egress": {},
		"trust":  {"access", "audit", "egress", "roster"},
		"price":  {"model"},
		"budget": {"audit", "price", "roster", "usage"},

		// Machinery.
		"ingress":   {},
		"telemetry": {},
		"store":     {"access", "audit", "budget", "seal", "signin", "signing", "tenant", "trust", "usage"},

		// Files of texts and vectors.
		"corpus": {},

		// Edges.
		"container": {"access", "audit", "credential", "ingress", "telemetry", "tenant"},
		"openai":    {"gateway", "ingress", "limit", "telemetry"},
		"control": {
			"access", "audit", "awssetup", "bedrock", "budget", "credential", "diagnose", "federation", "ingress", "issuer", "model", "pace", "price",
			"signin", "signing", "telemetry", "tenant", "trust", "usage",
		},
		"studio": {"access", "control", "ingress", "signin"},

		// Composition.
		"cli":      {"app", "awssetup", "control", "corpus", "docs", "emulator", "model", "price", "spicepod"},
		"cmd/adit": {"cli"},
	}
	table["app"] = everyoneBelow(table, "app", "cli", "cmd/adit")
	return table
}

// loners are the rooms that import nothing of this module, not even the words:
// the emulator, so that a mistake of Adit's cannot cancel out, the manual, and
// this room.
func loners() []string {
	return []string{"architecture", "docs", "emulator"}
}

// everyoneBelow returns every room of the table but those named.
func everyoneBelow(table map[string][]string, but ...string) []string {
	var all []string
	for room := range table {
		if !slices.Contains(but, room) {
			all = append(all, room)
		}
	}
	return all
}

// mayImport returns what a room may import, and whether the table knows the
// room at all.
func mayImport(room string) (allowed []string, known bool) {
	if slices.Contains(words(), room) || slices.Contains(loners(), room) {
		return nil, true
	}
	row, known := arrows()[room]
	if !known {
		return nil, false
	}
	if room == "cmd/adit" {
		return row, true
	}
	allowed = append(slices.Clone(row), words()...)
	slices.Sort(allowed)
	return allowed, true
}
