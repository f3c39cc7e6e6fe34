package studio

import "strings"

// stepWords are what a step of the diagnosis looks at, by its name.
type stepWords struct{ Title, Asks string }

func wordsOfStep(name string) stepWords {
	switch name {
	case "public_url":
		return stepWords{"Public URL", "Does the issuer's host resolve to public addresses?"}
	case "tls":
		return stepWords{"Certificate", "Will AWS trust the issuer's certificate?"}
	case "discovery":
		return stepWords{"Discovery document", "Does it match this server's configuration?"}
	case "jwks":
		return stepWords{"Signing keys", "Are they served quickly, with the active key?"}
	case "clock":
		return stepWords{"Clock", "Is this server's clock in sync with AWS's?"}
	case "token":
		return stepWords{"Token", "What does a token of this environment contain?"}
	case "exchange":
		return stepWords{"Exchange", "Does AWS STS issue credentials for the token?"}
	case "probe":
		return stepWords{"Negative probe", "Does the role refuse all other tokens?"}
	case "identity":
		return stepWords{"Identity", "Which identity does AWS report?"}
	case "models":
		return stepWords{"Models", "Which models does the account offer in the region?"}
	case "access":
		return stepWords{"Model access", "May the account use the enabled model?"}
	case "invoke":
		return stepWords{"Test call", "Does the enabled model answer?"}
	}
	return stepWords{Title: strings.ReplaceAll(name, "_", " ")}
}

// walkAhead are the steps of a walk before it begins, in order: access and invoke
// come once for each enabled model.
func walkAhead() []string {
	return []string{
		"public_url", "tls", "discovery", "jwks", "clock", "token", "exchange", "probe", "identity", "models", "access", "invoke",
	}
}

// factWords is the name of a fact for people: as the step called it, without underscores.
func factWords(name string) string {
	words := strings.ReplaceAll(name, "_", " ")
	if rest, ok := strings.CutPrefix(words, "aws "); ok {
		words = "AWS " + rest
	}
	return words
}
