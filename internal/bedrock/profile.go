package bedrock

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/model"
)

// BehindProfile says that the target is an application inference profile: only
// AWS can tell whose quota its calls spend.
func (t *Target) BehindProfile() bool {
	a, ok := t.ID.ARN()
	return ok && a.Type == "application-inference-profile"
}

// QuotaModel returns what AWS counts the target's calls against. An application
// inference profile spends the quota of the model or system profile that it was
// copied from, which only AWS can tell (Bedrock API reference,
// GetInferenceProfile); on an error the profile's own name stands for it.
func (c *Client) QuotaModel(ctx context.Context, t *Target, creds credential.Credentials) (string, error) {
	own := t.ID.QuotaModel()
	if !t.BehindProfile() {
		return own, nil
	}
	a, err := c.send(ctx, http.MethodGet, t.control.url("inference-profiles", t.ID.String()), t.Region, creds, nil)
	if err != nil {
		return own, err
	}
	defer a.body.release()
	if a.status != http.StatusOK {
		return own, judge(a, creds).fault(t)
	}
	var profile struct {
		Models []struct {
			ModelARN string `json:"modelArn"`
		} `json:"models"`
	}
	if err := json.Unmarshal(a.body.b, &profile); err != nil {
		return own, fmt.Errorf("reading the inference profile: %w", err)
	}
	if len(profile.Models) == 0 {
		return own, fmt.Errorf("the inference profile %s contains no models", t.ID)
	}
	region, base := destination(profile.Models[0].ModelARN)
	if base == "" {
		return own, fmt.Errorf("the inference profile %s leads to no foundation model", t.ID)
	}
	global := region == ""
	for _, m := range profile.Models[1:] { // AWS promises no order
		if region, base := destination(m.ModelARN); base != "" && region == "" {
			global = true
		}
	}
	if len(profile.Models) == 1 && !global {
		return base, nil
	}
	return model.CrossRegion(base, global), nil
}

// destination takes a foundation model's ARN apart; that of a global profile
// has no region.
func destination(arn string) (region, base string) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return "", ""
	}
	base, ok := strings.CutPrefix(parts[5], "foundation-model/")
	if !ok {
		return "", ""
	}
	return parts[3], base
}
