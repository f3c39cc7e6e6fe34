package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

type issuerCmd struct {
	Keys   issuerKeysCmd   `cmd:"" help:"The keys that sign tokens."`
	Export issuerExportCmd `cmd:"" help:"Write the issuer's public documents as files, for a bucket or a CDN."`
	Rewrap issuerRewrapCmd `cmd:"" help:"Change the master key, and seal everything under the new one."`
}

type issuerKeysCmd struct {
	List   signingListCmd   `cmd:"" help:"List the keys that are published."`
	Rotate signingRotateCmd `cmd:"" help:"Let the next key sign from now on."`
	Revoke signingRevokeCmd `cmd:"" help:"Take a key out of the published ones now."`
}

type signingListCmd struct {
	listing
	controlFlags
}

// Help is the text under the usage line.
func (signingListCmd) Help() string {
	return `The next key is published for a day before it signs, so that AWS knows it by then. The active one signs. A retiring one stays published until no token of its is alive; its private half is gone.

Example:

    adit issuer keys list`
}

// Run lists them.
func (c *signingListCmd) Run(ctx context.Context, p *Process) error {
	return c.with(ctx, p, func(server *client.Client) error {
		keys, err := server.SigningKeys(ctx)
		if err != nil {
			return err
		}
		return p.printSigningKeys(c.listing, keys)
	})
}

func (p *Process) printSigningKeys(l listing, keys wire.SigningKeys) error {
	if l.json() {
		return printJSON(p.Stdout, keys)
	}
	return listed(p, l, keys.Items, []string{"KEY ID", "STATE", "ALGORITHM", "PUBLISHED", "SIGNS SINCE", "SIGNED UNTIL"}, func(k wire.SigningKey) []string {
		state := k.State
		if k.Unripe != "" {
			state += " (" + k.Unripe + ")"
		}
		return []string{k.KID, state, k.Algorithm, at(k.Created), when(k.Activated, "-"), when(k.Demoted, "-")}
	})
}

type signingRotateCmd struct {
	listing
	controlFlags
}

// Help is the text under the usage line.
func (signingRotateCmd) Help() string {
	return `The server rotates its keys by itself; this does it now. It is refused while the next key has not been published long enough for AWS to know it.

Example:

    adit issuer keys rotate`
}

// Run rotates.
func (c *signingRotateCmd) Run(ctx context.Context, p *Process) error {
	return c.with(ctx, p, func(server *client.Client) error {
		keys, err := server.RotateSigningKeys(ctx)
		if err != nil {
			return err
		}
		return p.printSigningKeys(c.listing, keys)
	})
}

type signingRevokeCmd struct {
	KID   string `arg:"" name:"kid" help:"The key's id, as the list shows it; one that begins with - (only keys of older servers do) stands after --."`
	Force bool   `help:"Also when no other key has been published long enough: then AWS refuses tokens until it has fetched the new one."`
	yesFlag
	listing
	controlFlags
}

// Help is the text under the usage line.
func (signingRevokeCmd) Help() string {
	return `For a key that leaked. It signs no more, leaves the published keys, and its private half is erased. AWS may go on trusting its tokens for as long as it keeps the published keys; the answer says until when to count on that, and which environments had exchanges by the key.

Example:

    adit issuer keys revoke 9TsJ5Vb0JIcQk0w8m0h3oQ --yes`
}

// Run revokes.
func (c *signingRevokeCmd) Run(ctx context.Context, p *Process) error {
	return c.with(ctx, p, func(server *client.Client) error {
		if err := p.confirm(ctx, c.Yes, "Revoke the signing key %s? Tokens of its are refused by everybody who fetches the keys anew.", c.KID); err != nil {
			return err
		}
		r, err := server.RevokeSigningKey(ctx, c.KID, c.Force)
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.Stdout, r)
		}
		promoted := cmp.Or(r.Promoted, "the same as before")
		if r.Unripe {
			promoted += " (published only now: AWS may refuse its tokens until it has fetched it)"
		}
		err = printFields(p.Stdout, []field{
			{"revoked", r.KID + ", which was " + r.Was}, {"at", at(r.At)}, {"signs now", promoted}, {"next", r.Next},
			{"AWS may trust it until", at(r.TrustedUntil)}, {"environments", cmp.Or(strings.Join(r.Environments, "\n"), "none had an exchange by it")},
		})
		if r.Advice != "" {
			p.advise([]string{r.Advice})
		}
		return err
	})
}

type issuerExportCmd struct {
	Dir string `arg:"" help:"The folder that stands for the root of the issuer's host."`
	listing
	controlFlags
}

// Help is the text under the usage line.
func (issuerExportCmd) Help() string {
	return `Writes the discovery document and the public keys, byte for byte as the server sends them. They must be served at the issuer's URL, with a max-age no longer than the server's --jwks-max-age, and written anew after every change of the keys: a timer of some minutes will do.

Example:

    adit issuer export ./public && aws s3 sync ./public s3://my-issuer`
}

// Run writes the files.
func (c *issuerExportCmd) Run(ctx context.Context, p *Process) error {
	return c.with(ctx, p, func(server *client.Client) error {
		d, err := server.IssuerDocuments(ctx)
		if err != nil {
			return err
		}
		documents := map[string]string{}
		for _, f := range d.Files {
			documents[f.Path] = f.Body
		}
		written, err := app.WriteIssuerFiles(c.Dir, d.Issuer, documents)
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.Stdout, struct {
				Issuer string   `json:"issuer"`
				Files  []string `json:"files"`
			}{d.Issuer, written})
		}
		for _, file := range written {
			fmt.Fprintln(p.Stdout, file)
		}
		fmt.Fprintf(p.Stderr, "Serve them at %s.\n", d.Issuer)
		return nil
	})
}

type issuerRewrapCmd struct {
	NewMasterKeyFile string `name:"new-master-key-file" placeholder:"FILE" help:"The new master key (default: a fresh one, where Adit keeps the key in the data directory)."`
	yesFlag
	stateFlags
	quietLogFlags
}

// Help is the text under the usage line.
func (issuerRewrapCmd) Help() string {
	return `Changes the master key and seals everything in the database anew: signing keys, the pepper of the API keys, the audit's key. What is sealed stays the same, so that AWS, callers and the audit notice nothing. Stop every server on the database before; one on this data directory is noticed.

Where Adit keeps the master key in the data directory, its file is replaced. Whatever interrupts that, running the command again or starting the server completes it. Elsewhere every server must be started with the new key.

Example:

    (umask 077; openssl rand -hex 32 > new.key) && adit issuer rewrap --new-master-key-file new.key --yes`
}

// Run changes the master key.
func (c *issuerRewrapCmd) Run(ctx context.Context, p *Process) error {
	state, err := c.somewhere(p)
	if err != nil {
		return err
	}
	question := "Seal everything in " + state.DataDir + " under another master key?"
	if state.Database != "" {
		question = "Seal everything in the database under another master key? Every server on it must be stopped."
	}
	if err := p.confirm(ctx, c.Yes, "%s", question); err != nil {
		return err
	}
	done, err := app.Rewrap(ctx, state, c.NewMasterKeyFile, logFlags(c.quietLogFlags).logger(p.Stderr))
	if err != nil {
		return err
	}
	switch {
	case done.Finished:
		fmt.Fprintf(p.Stdout, "An earlier change of the master key is completed: %s holds the new key.\n", done.File)
		if c.NewMasterKeyFile != "" {
			return fault.New(fault.Config, "%s was not used", c.NewMasterKeyFile).WithRemedy("Run the command again to change the master key once more.")
		}
		return nil
	case done.File != "":
		fmt.Fprintf(p.Stdout, "%s are sealed under the new master key, which is in %s. Keep a copy of it apart from the backups of the database.\n",
			counted(int64(done.Records), "secret"), done.File)
		return nil
	}
	fmt.Fprintf(p.Stdout, "%s are sealed under the new master key. Start every server with it, by --master-key-file or %s.\n", counted(int64(done.Records), "secret"), masterKeyVariable)
	return nil
}
