// Package secretstore knows where the values behind ${ secrets:NAME } lie: the
// environment with its .env files, and folders that hold one file a secret.
//
// It does not know spicepod.yaml, nor what a secret is for. Its errors name
// secrets, stores, files and lines; never a value.
package secretstore
