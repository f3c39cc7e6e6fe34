package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

type issuerCmd struct {
	Keys   issuerKeysCmd   `cmd:"" help:"List, rotate or revoke the keys that sign tokens."`
	Export issuerExportCmd `cmd:"" help:"Write the discovery document and JWKS to files, for a bucket or CDN."`
	Rewrap issuerRewrapCmd `cmd:"" help:"Change the master key, and re-encrypt everything with the new one."`
}

type issuerKeysCmd struct {
	List   signingListCmd   `cmd:"" help:"List the published keys."`
	Rotate signingRotateCmd `cmd:"" help:"Make the next key the active one now."`
	Revoke signingRevokeCmd `cmd:"" help:"Withdraw a key immediately."`
}

type signingListCmd struct {
	listing
	controlFlags
}

// Help is the text under the usage line.
func (signingListCmd) Help() string {
	return `The active key signs. The next key is published before it signs, a day by default, so that AWS knows it by then. A retiring key stays published until all tokens that it signed have expired; its private half is erased.

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
	return listed(p, l, keys.Items, []string{"KEY ID", "STATE", "ALGORITHM", "PUBLISHED", "SIGNS SINCE", "SIGNED UNTIL", "NEXT CHANGE"}, func(k wire.SigningKey) []string {
		state := k.State
		if k.Unripe != "" {
			state += " (" + k.Unripe + ")"
		}
		return []string{k.KID, state, k.Algorithm, at(k.Created), when(k.Activated, "-"), when(k.Demoted, "-"), comingOf(k, time.Now())}
	})
}

// comingOf is what becomes of a signing key by itself.
func comingOf(k wire.SigningKey, now time.Time) string {
	switch {
	case k.Ripens != nil && k.Ripens.Before(now):
		return "may sign since " + at(*k.Ripens)
	case k.Ripens != nil:
		return "may sign " + at(*k.Ripens)
	case k.Rotates != nil:
		return "rotates " + at(*k.Rotates)
	case k.Leaves != nil:
		return "leaves " + at(*k.Leaves)
	}
	return "-"
}

type signingRotateCmd struct {
	listing
	controlFlags
}

// Help is the text under the usage line.
func (signingRotateCmd) Help() string {
	return `The server rotates keys on its own; this rotates now. It is refused while the next key has not been published long enough for AWS to know it.

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
	KID   string `arg:"" name:"kid" help:"Key id, as listed; put -- before an id that begins with - (only keys of older servers do)."`
	Force bool   `help:"Revoke even if no other key has been published long enough: AWS refuses tokens until it has fetched the new key."`
	yesFlag
	listing
	controlFlags
}

// Help is the text under the usage line.
func (signingRevokeCmd) Help() string {
	return `For a key that leaked. The key stops signing, is no longer published, and its private half is erased. AWS may accept its tokens for as long as it caches the published keys; the output says until when to expect that, and which environments exchanged tokens that the key signed.

Example:

    adit issuer keys revoke 9TsJ5Vb0JIcQk0w8m0h3oQ --yes`
}

// Run revokes.
func (c *signingRevokeCmd) Run(ctx context.Context, p *Process) error {
	return c.with(ctx, p, func(server *client.Client) error {
		if err := p.confirm(ctx, c.Yes, "Revoke the signing key %s? Everybody who fetches the keys again will refuse its tokens.", c.KID); err != nil {
			return err
		}
		r, err := server.RevokeSigningKey(ctx, c.KID, c.Force)
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.Stdout, r)
		}
		promoted := cmp.Or(r.Promoted, "unchanged")
		if r.Unripe {
			promoted += " (just published: AWS may refuse its tokens until it has fetched the key)"
		}
		err = printFields(p.Stdout, []field{
			{"revoked", r.KID + ", which was " + r.Was}, {"at", at(r.At)}, {"signs now", promoted}, {"next", r.Next},
			{"AWS may trust it until", at(r.TrustedUntil)}, {"environments", cmp.Or(strings.Join(r.Environments, "\n"), "none exchanged a token that it signed")},
		})
		if r.Advice != "" {
			p.advise([]string{r.Advice})
		}
		return err
	})
}

type issuerExportCmd struct {
	Dir string `arg:"" help:"Directory that is the root of the issuer's host."`
	listing
	controlFlags
}

// Help is the text under the usage line.
func (issuerExportCmd) Help() string {
	return `Writes the discovery document and the public keys, byte for byte as the server sends them. Serve them at the issuer's URL with a max-age of at most the server's --jwks-max-age, and export them again after every key change: a timer that runs every few minutes will do.

Example:

    adit issuer export ./public
    aws s3 cp --recursive --content-type application/json --cache-control 'public, max-age=300' ./public s3://BUCKET/`
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
	NewMasterKeyFile string `name:"new-master-key-file" placeholder:"FILE" help:"File with the new master key (default: generate one, if Adit keeps the key in the data directory)."`
	yesFlag
	sealedFlags
	quietLogFlags
}

// Help is the text under the usage line.
func (issuerRewrapCmd) Help() string {
	return `Changes the master key and re-encrypts all secrets in the database: signing keys, the pepper of the API keys, the audit log's key. The secrets themselves stay the same, so nothing changes for AWS, callers and the audit log. Stop every server on the database first; one on this data directory is detected.

If Adit keeps the master key in the data directory, its file is replaced; after an interruption, run the command again or start the server to complete the change. Otherwise start every server with the new key.

Example:

    (umask 077; openssl rand -hex 32 > new.key) && adit issuer rewrap --new-master-key-file new.key --yes`
}

// Run changes the master key.
func (c *issuerRewrapCmd) Run(ctx context.Context, p *Process) error {
	state, err := somewhere(c.state(p))
	if err != nil {
		return err
	}
	question := "Re-encrypt everything in " + state.DataDir + " with a new master key?"
	if state.Database != "" {
		question = "Re-encrypt everything in the database with a new master key? Every server on it must be stopped."
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
		fmt.Fprintf(p.Stdout, "Completed an earlier change of the master key: %s holds the new key.\n", done.File)
		if c.NewMasterKeyFile != "" {
			return fault.New(fault.Config, "%s was not used", c.NewMasterKeyFile).WithRemedy("Run the command again to change the master key once more.")
		}
		return nil
	case done.File != "":
		fmt.Fprintf(p.Stdout, "Re-encrypted %s with the new master key, which is in %s. Keep a copy of it, apart from the backups of the database.\n",
			counted(int64(done.Records), "secret"), done.File)
		return nil
	}
	fmt.Fprintf(p.Stdout, "Re-encrypted %s with the new master key. Start every server with it, in --master-key-file or %s.\n", counted(int64(done.Records), "secret"), masterKeyVariable)
	return nil
}
