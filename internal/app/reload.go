package app

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long the file must be left alone before it is read: editors
// and volume mounts change it in several steps.
const settle = 250 * time.Millisecond

// Reload reads the file again. A faulty one is reported and changes nothing, and
// so does a reload after Close, which is an error.
func (a *App) Reload() error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	if a.settings.Config == "" {
		return nil
	}
	if err := a.life.Err(); err != nil {
		return fmt.Errorf("reloading after shutdown: %w", err)
	}
	err := a.load()
	a.metrics.Reloaded(err == nil)
	if err != nil {
		a.log.Error("the new configuration has errors; the old one stays in use", "file", a.settings.Config, "error", err)
		return err
	}
	a.background.Go(func() { a.prepare(a.life) })
	a.log.Info("configuration loaded", "file", a.settings.Config, "models", len(a.gateway.Models(a.holder())))
	return nil
}

// prepare asks for credentials ahead of the first request.
func (a *App) prepare(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	a.gateway.Prepare(ctx, a.holder())
}

// watcher hears of changes of the file from now on; it is nil where there is
// none, or nobody can hear. The directory is watched, since editors replace files
// and Kubernetes a link beside them.
func (a *App) watcher() *fsnotify.Watcher {
	if a.settings.Config == "" {
		return nil
	}
	w, err := fsnotify.NewWatcher()
	if err == nil {
		if err = w.Add(filepath.Dir(a.settings.Config)); err == nil {
			return w
		}
		_ = w.Close()
	}
	a.log.Warn("configuration changes are not detected; send SIGHUP to reload it", "error", err)
	return nil
}

// watch reloads when the file changes, or a .env file beside it.
func (a *App) watch(ctx context.Context, watcher *fsnotify.Watcher) {
	if watcher == nil {
		return
	}
	defer func() { _ = watcher.Close() }()
	timer := time.NewTimer(settle)
	timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-watcher.Events:
			if a.concerns(e) {
				timer.Reset(settle)
			}
		case err := <-watcher.Errors:
			a.log.Warn("watching the configuration failed; send SIGHUP to reload it", "error", err)
		case <-timer.C:
			_ = a.Reload() // it reports for itself
		}
	}
}

func (a *App) concerns(e fsnotify.Event) bool {
	switch name := filepath.Base(e.Name); name {
	case filepath.Base(a.settings.Config), ".env", ".env.local", "..data":
		return e.Op != fsnotify.Chmod
	}
	return false
}
