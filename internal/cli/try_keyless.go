package cli

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/adit-hq/adit/internal/awssetup"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// tryOrganization is the organization that a first start makes.
const tryOrganization = "default"

// tryCallers are the names of the API keys.
func tryCallers() []string { return []string{"search-team", "batch-job"} }

// keyless walks from nothing to an environment that AWS trusts, and API keys
// that may use it. Each step does what the command of the same name does.
func (t *tryWalk) keyless(ctx context.Context) error {
	began := time.Now()
	env, err := t.stand.control.CreateEnvironment(ctx, tryOrganization, wire.EnvironmentInput{
		Name: tryEnvironment, Region: tryRegion, Models: []string{tryModels()[0][1]},
	})
	if err != nil {
		return err
	}
	t.page.environment(env, time.Since(began))
	for _, step := range []func(context.Context) error{t.setUp, t.diagnose, t.listModels, t.makeKeys} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// setUp does `adit aws setup prod --yes` with the administrator's credentials.
func (t *tryWalk) setUp(ctx context.Context) error {
	began := time.Now()
	setup, err := t.stand.control.Setup(ctx, tryOrganization, tryEnvironment, wire.SetupInput{})
	if err != nil {
		return err
	}
	admin := t.stand.admin
	aws, err := awssetup.Open(ctx, awssetup.Access{
		Region: tryRegion, EndpointURL: t.stand.emulator.URL(),
		Credentials: credentials.NewStaticCredentialsProvider(admin.AccessKeyID, admin.SecretAccessKey, ""),
	})
	if err != nil {
		return err
	}
	plan, err := awssetup.NewPlan(ctx, setup.Facts.Facts(), awssetup.Options{}, aws)
	if err != nil {
		return err
	}
	if err := plan.Apply(ctx, nil); err != nil {
		return err
	}
	role := plan.RoleARN
	if _, err := t.stand.control.UpdateEnvironment(ctx, tryOrganization, tryEnvironment, wire.EnvironmentPatch{RoleARN: &role}); err != nil {
		return err
	}
	verified, err := t.stand.control.Verify(ctx, tryOrganization, tryEnvironment, wire.ExchangeInput{Settle: true})
	if err != nil {
		return err
	}
	t.page.setUp(plan, verified, time.Since(began))
	if verified.Environment.State != "ready" {
		return fault.New(fault.Refused, "the environment is %s after the setup: %s", verified.Environment.State, verified.Environment.Why)
	}
	return nil
}

// diagnose does `adit doctor --environment prod`.
func (t *tryWalk) diagnose(ctx context.Context) error {
	began := time.Now()
	var steps []wire.Step
	var summary wire.Summary
	for event, err := range t.stand.control.Diagnose(ctx, tryOrganization, tryEnvironment, wire.DiagnosisInput{}) {
		switch {
		case err != nil:
			return err
		case event.Step != nil:
			steps = append(steps, *event.Step)
		case event.Summary != nil:
			summary = *event.Summary
		}
	}
	t.page.diagnosed(steps, time.Since(began))
	if summary.Failed > 0 {
		return fault.New(fault.Refused, "the diagnosis found %s at fault", counted(int64(summary.Failed), "step"))
	}
	return nil
}

// listModels does `adit env models prod`.
func (t *tryWalk) listModels(ctx context.Context) error {
	began := time.Now()
	models, err := t.stand.control.Models(ctx, tryOrganization, tryEnvironment, false)
	if err != nil {
		return err
	}
	t.page.listed(models, time.Since(began))
	return nil
}

// makeKeys does `adit key create` for each caller.
func (t *tryWalk) makeKeys(ctx context.Context) error {
	began := time.Now()
	for _, name := range tryCallers() {
		made, err := t.stand.control.CreateKey(ctx, tryOrganization, wire.KeyInput{Name: name, Environments: []string{tryEnvironment}})
		if err != nil {
			return err
		}
		t.stand.keys = append(t.stand.keys, tryKey{name, made.Secret})
	}
	t.stand.client = t.stand.embedder(t.stand.keys[0])
	t.page.keysMade(t.stand.keys, time.Since(began))
	return nil
}

// attribute asks with the second key too, and shows what AWS saw of both.
func (t *tryWalk) attribute(ctx context.Context) error {
	began := time.Now()
	second := t.stand.embedder(t.stand.keys[1])
	defer second.http.CloseIdleConnections()
	second.body.Model = t.model
	if _, err := second.Embed(ctx, []string{"A second caller asks."}); err != nil {
		return err
	}
	calls := map[string]int{}
	var sessions []string
	for _, e := range t.stand.emulator.Trail() {
		switch {
		case e.Operation != "InvokeModel":
		case e.AccessKeyID == t.stand.admin.AccessKeyID || e.SessionName == "":
			return fault.New(fault.Internal, "AWS saw a call that no caller's session signed")
		default:
			if calls[e.SessionName]++; calls[e.SessionName] == 1 {
				sessions = append(sessions, e.SessionName)
			}
		}
	}
	if len(sessions) != len(t.stand.keys) {
		return fault.New(fault.Internal, "AWS saw %d sessions of %d callers", len(sessions), len(t.stand.keys))
	}
	t.page.attributed(sessions, calls, time.Since(began))
	return nil
}
