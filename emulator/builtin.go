package emulator

import "time"

// bedrockFullAccess is the part of AWS's managed policy AmazonBedrockFullAccess
// that speaks of Bedrock. Its grants on KMS, EC2, SageMaker and IAM are left
// out: the emulator has no such service to ask for them.
const bedrockFullAccess = `{"Version":"2012-10-17","Statement":[{"Sid":"BedrockAll","Effect":"Allow","Action":["bedrock:*"],"Resource":"*"}]}`

// bedrockReadOnly is the same part of AmazonBedrockReadOnly.
const bedrockReadOnly = `{"Version":"2012-10-17","Statement":[{"Sid":"AmazonBedrockReadOnly","Effect":"Allow","Action":["bedrock:Get*","bedrock:List*"],"Resource":"*"}]}`

// builtInPolicies are AWS's managed policies that the emulator knows.
func builtInPolicies(partition string) []ManagedPolicy {
	var list []ManagedPolicy
	for _, name := range []string{"AmazonBedrockFullAccess", "AmazonBedrockReadOnly"} {
		if p, ok := builtInPolicy("arn:" + partition + ":iam::aws:policy/" + name); ok {
			list = append(list, p)
		}
	}
	return list
}

// builtInPolicy is one of AWS's own managed policies, in any partition.
func builtInPolicy(arn string) (ManagedPolicy, bool) {
	a, err := parseARN(arn)
	if err != nil || a.service != "iam" || a.account != "aws" || a.kind() != "policy" {
		return ManagedPolicy{}, false
	}
	documents := map[string]string{"AmazonBedrockFullAccess": bedrockFullAccess, "AmazonBedrockReadOnly": bedrockReadOnly}
	document, ok := documents[a.id()]
	if !ok {
		return ManagedPolicy{}, false
	}
	// AWS published both on this day (managed policy reference).
	created := time.Date(2023, time.December, 6, 15, 47, 0, 0, time.UTC)
	return ManagedPolicy{
		ARN: arn, Name: a.id(), Path: "/", PolicyID: uniqueID("ANPA", a.id()), Default: "v1",
		Versions: []PolicyVersion{{ID: "v1", Document: document, Created: created}}, Created: created, Updated: created,
	}, true
}
