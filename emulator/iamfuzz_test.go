package emulator

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzIAMForm: whatever a form says, reading it ends with checked parameters
// or with an error of IAM, and never with an unbounded answer.
func FuzzIAMForm(f *testing.F) {
	f.Add("CreateRole", "RoleName=r&AssumeRolePolicyDocument=%7B%7D&Tags.member.1.Key=k&Tags.member.1.Value=v")
	f.Add("TagRole", "RoleName=r&Tags.member.2.Key=k")
	f.Add("UntagRole", "RoleName=r&TagKeys.member.9999999999999999999=k")
	f.Add("ListRoles", "MaxItems=1&Marker=%00&PathPrefix=/")
	f.Add("ListRoles", strings.Repeat("%80", 65)+"=a name that no character begins")
	f.Fuzz(func(t *testing.T, action, raw string) {
		form, err := url.ParseQuery(raw)
		operation, known := iamOperations()[action]
		if err != nil || !known {
			return
		}
		p, refusal := readIAMParameters(operation.takes, form)
		if refusal != nil {
			if refusal.status != 400 && refusal.status != 409 || refusal.message == "" {
				t.Fatalf("%+v", refusal)
			}
			return
		}
		for name, value := range p.text {
			if faults := iamShapes()[name].check(name, value); len(faults) > 0 {
				t.Fatalf("%s: %v", name, faults)
			}
		}
		if strings.Contains(operation.takes, "RoleName!") && p.text["RoleName"] == "" {
			t.Fatal("a call without the role that it needs")
		}
	})
}

// FuzzCanonicalPolicy: a policy's canonical form is its own canonical form.
func FuzzCanonicalPolicy(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["b","a"],"Principal":{"Federated":"x"},"Condition":{"StringEquals":{"k":"v"}}}}`)
	f.Add(`{"Statement":[null,1,{"Action":{"a":1}}]}`)
	f.Add(`[`)
	f.Fuzz(func(t *testing.T, document string) {
		once := canonicalPolicy(document)
		if twice := canonicalPolicy(string(once)); string(once) != string(twice) {
			t.Fatalf("%s\nand then\n%s", once, twice)
		}
	})
}
