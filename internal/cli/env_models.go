package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type envModelsCmd struct {
	All     bool `help:"Include models that are not for embeddings."`
	Refresh bool `help:"Bypass the cache and ask AWS."`
	listing
	envArg
}

// Help is the text under the usage line.
func (envModelsCmd) Help() string {
	return `Lists what the environment's AWS account has in its region: foundation models, inference profiles of AWS and of the account, custom and provisioned models, each with the id to invoke it by. If AWS refuses one of these lists, a warning gives AWS's reason and the others are still complete.

Example:

    adit env models prod --refresh`
}

// Run lists them.
func (c *envModelsCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		models, err := server.Models(ctx, org, c.Env, c.Refresh)
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.Stdout, models)
		}
		return c.print(p, models)
	})
}

func (c *envModelsCmd) print(p *Process, models wire.Models) error {
	var cells [][]string
	for _, m := range models.Items {
		if !c.All && !m.Embeds {
			continue
		}
		access := cmp.Or(m.Access, "unknown")
		if m.Why != "" {
			access = m.Why
		}
		cells = append(cells, []string{
			m.ID, m.Kind, strings.Join(m.Input, ",") + " > " + strings.Join(m.Output, ","), strings.ToLower(m.Lifecycle), access,
			invokeName(m), strings.Join(m.Destinations, ","),
		})
	}
	if err := p.printTable(p.Stdout, []string{"ID", "KIND", "MODALITIES", "LIFECYCLE", "ACCESS", "CALLERS ASK FOR", "DESTINATIONS"}, cells); err != nil {
		return err
	}
	hidden := len(models.Items) - len(cells)
	age := "just now"
	if models.AgeSeconds > 0 {
		age = spell(time.Duration(models.AgeSeconds)*time.Second) + " ago"
	}
	fmt.Fprintf(p.Stderr, "\nRead from AWS %s.", age)
	if hidden > 0 {
		fmt.Fprintf(p.Stderr, " %s not for embeddings hidden: add --all.", counted(int64(hidden), "model"))
	}
	fmt.Fprintln(p.Stderr)
	for _, w := range models.Warnings {
		fmt.Fprintf(p.Stderr, "Warning: %s: %s%s\n", w.Operation, w.Message, awsWords(w.Code, w.Said, w.RequestID))
	}
	return nil
}

// awsWords is what AWS said, in brackets; "" when it said nothing.
func awsWords(code, said, requestID string) string {
	if code == "" {
		return ""
	}
	words := " (AWS: " + strings.TrimSuffix(code+": "+said, ": ")
	if requestID != "" {
		words += ", request id " + requestID
	}
	return words + ")"
}

type envEnableCmd struct {
	envArg
	Model []string `arg:"" help:"Model ids, inference profile ids or ARNs."`
	listing
}

// Help is the text under the usage line.
func (envEnableCmd) Help() string {
	return `Callers ask for an enabled model as ENVIRONMENT/MODEL_ID. If the role's policy does not allow the model yet, the command that fixes it is printed.

Example:

    adit env enable prod cohere.embed-v4:0 amazon.titan-embed-text-v2:0`
}

// Run enables the models.
func (c *envEnableCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		return p.switchModels(c.listing, c.Model, "enabled", func(model string) (wire.ModelChange, error) {
			return server.EnableModel(ctx, org, c.Env, model)
		})
	})
}

type envDisableCmd struct {
	envArg
	Model []string `arg:"" help:"Model ids, inference profile ids or ARNs."`
	listing
}

// Help is the text under the usage line.
func (envDisableCmd) Help() string {
	return `From now on, callers who ask for the model get 404. The role's policy in AWS stays as it is until the next ` + "`adit aws setup`" + `.

Example:

    adit env disable prod cohere.embed-v4:0`
}

// Run disables the models.
func (c *envDisableCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		return p.switchModels(c.listing, c.Model, "disabled", func(model string) (wire.ModelChange, error) {
			return server.DisableModel(ctx, org, c.Env, model)
		})
	})
}

// switchModels changes one model after the other; an error ends it, and those
// before stay changed.
func (p *Process) switchModels(l listing, models []string, done string, change func(string) (wire.ModelChange, error)) error {
	var last wire.ModelChange
	var advice []string
	for _, model := range models {
		m, err := change(model)
		if err != nil {
			return err
		}
		last = m
		if m.Advice != "" {
			advice = append(advice, m.Advice)
		}
		if already := map[bool]string{false: " already"}[m.Changed]; !l.json() {
			fmt.Fprintf(p.Stdout, "%s is%s %s in %s.\n", model, already, done, m.Environment.Name)
		}
	}
	p.advise(advice)
	if l.json() {
		return printJSON(p.Stdout, last.Environment)
	}
	return nil
}

// invokeName is what callers ask for; "-" while the model is not enabled.
func invokeName(m wire.Model) string {
	if !m.Enabled {
		return "-"
	}
	return m.InvokeName
}
