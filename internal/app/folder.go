package app

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Names inside the data folder.
const (
	lockFile   = "lock"
	keysFile   = "keys.json"
	apiKeyFile = "api-key"
	storeFile  = "ipse.db"
	auditFile  = "audit.jsonl"
	streamDir  = "stream"
)

// folder is the data folder, locked against a second server.
type folder struct {
	path string
	lock *os.File
}

// openFolder makes the folder where it does not exist, refuses one that other accounts can enter, and locks it.
func openFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("app: make the data folder: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("app: look at the data folder: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s has mode %04o, want 0700 (chmod 700 %s)", ErrDataOpen, path, mode, path)
	}
	lock, err := os.OpenFile(filepath.Join(path, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("app: open the data folder's lock: %w", err)
	}
	if err := lockExclusively(lock); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s: stop that server, or choose another folder with --data", err, path), lock.Close())
	}
	return &folder{path: path, lock: lock}, nil
}

func (f *folder) in(name string) string { return filepath.Join(f.path, name) }

// close gives the folder back.
func (f *folder) close() error { return f.lock.Close() }

// checkStore refuses a folder that has lost its database: what is in the stream, and the application's API key, would be
// thrown away. The stream is made after the database, so a first start that broke off is no such folder.
func (f *folder) checkStore() error {
	_, storeErr := os.Stat(f.in(storeFile))
	_, streamErr := os.Stat(f.in(streamDir))
	if errors.Is(storeErr, fs.ErrNotExist) && streamErr == nil {
		return fmt.Errorf("app: %s is missing although there is a stream; put its backup in place, or begin anew in an empty folder", f.in(storeFile))
	}
	return nil
}

// keys are the installation's secrets. Without them pseudonyms cannot be made again and user ids cannot be read.
type keys struct {
	Token     []byte `json:"token"`     // signs collector tokens
	Pseudonym []byte `json:"pseudonym"` // HMAC from user id to pseudonym
	Sealing   []byte `json:"sealing"`   // encrypts user ids
}

const keyBytes = 32

// openKeys reads the secrets, and makes them at the first start.
func (f *folder) openKeys() (keys, error) {
	raw, err := os.ReadFile(f.in(keysFile))
	if errors.Is(err, fs.ErrNotExist) {
		return f.makeKeys()
	}
	if err != nil {
		return keys{}, fmt.Errorf("app: read the keys: %w", err)
	}
	var k keys
	if err := json.Unmarshal(raw, &k); err != nil {
		return keys{}, fmt.Errorf("app: read the keys: %s is damaged, put its backup in place: %w", f.in(keysFile), err)
	}
	for _, key := range [][]byte{k.Token, k.Pseudonym, k.Sealing} {
		if len(key) != keyBytes {
			return keys{}, fmt.Errorf("app: read the keys: %s holds a key of %d bytes, want %d; put its backup in place", f.in(keysFile), len(key), keyBytes)
		}
	}
	return k, nil
}

func (f *folder) makeKeys() (keys, error) {
	// Data without its keys is a mistake that must not be covered up: new pseudonyms would not match the old ones.
	if _, err := os.Stat(f.in(storeFile)); err == nil {
		return keys{}, fmt.Errorf("app: read the keys: %s is missing although there is data; put its backup in place", f.in(keysFile))
	}
	k := keys{Token: randomKey(), Pseudonym: randomKey(), Sealing: randomKey()}
	raw, err := json.Marshal(k)
	if err != nil {
		return keys{}, fmt.Errorf("app: make the keys: %w", err)
	}
	return k, f.write(keysFile, raw)
}

func randomKey() []byte {
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails: the runtime ends the process when the system has no random numbers
	return key
}

// write puts a file in place whole, readable by its owner alone, and safe against the loss of power.
func (f *folder) write(name string, data []byte) error {
	if err := f.replace(name, data); err != nil {
		return fmt.Errorf("app: write %s: %w", name, err)
	}
	return nil
}

func (f *folder) replace(name string, data []byte) error {
	temporary, err := os.CreateTemp(f.path, name+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // gone already when all went well
	_, err = temporary.Write(data)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), f.in(name)); err != nil {
		return err
	}
	dir, err := os.Open(f.path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
