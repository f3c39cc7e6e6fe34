package awssetup_test

import (
	"testing"

	"github.com/adit-hq/adit/internal/awssetup"
)

func TestTheAccountOfARoleIsInItsARNAndOfNothingElse(t *testing.T) {
	for arn, want := range map[string][2]string{
		"arn:aws:iam::111122223333:role/adit-prod":       {"aws", "111122223333"},
		"arn:aws-cn:iam::111122223333:role/teams/a/prod": {"aws-cn", "111122223333"},
		"arn:aws:iam::12345:role/x":                      {},
		"a:b:c:d:e:f":                                    {},
		"":                                               {},
	} {
		partition, account := awssetup.AccountOf(arn)
		if got := [2]string{partition, account}; got != want {
			t.Errorf("%q: %q, want %q", arn, got, want)
		}
	}
}
