package app

import (
	"fmt"
	"testing"

	"github.com/adit-hq/adit/internal/tenant"
)

func TestTenantsMakeNoNewSeriesOfMetrics(t *testing.T) {
	a, _, _ := bound(t)
	labels := map[string]bool{}
	for i := range 100 {
		account := fmt.Sprintf("%012d", i+1)
		for _, m := range a.modelsOf(tenant.Environment{
			ID: "env_0", Organization: "org_0", Name: "prod", Region: "us-east-1",
			Models: []string{
				"cohere.embed-v4:0", "us.cohere.embed-v4:0", fmt.Sprintf("z%c.cohere.embed-v4:0", 'a'+i%26),
				"arn:aws:bedrock:us-east-1:" + account + ":inference-profile/us.cohere.embed-v4:0",
			},
		}) {
			labels[m.Label] = true
		}
	}
	if len(labels) != 1 {
		t.Errorf("one model is counted under %d names", len(labels))
	}
}
