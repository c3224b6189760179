#!/usr/bin/env bash
# Builds the native addon of @tensorflow/tfjs-node-gpu (Linux x64) against the TensorFlow library of a tensorflow_cpu
# wheel, in .cache/tfjs-node, and trains through it: the real path of the tensorflow backend, without a GPU.
# Needs npm, pip (PYTHON names the Python, default python3), g++, make and Node's headers (NODEDIR, default /usr).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
home=$root/.cache/tfjs-node
package=$home/node_modules/@tensorflow/tfjs-node-gpu
tensorflow=$home/wheel/tensorflow
mkdir -p "$home/wheel"
cd "$home"

if [ ! -d "$package" ]; then
  echo '{ "private": true }' > package.json
  npm install --ignore-scripts --no-audit --no-fund @tensorflow/tfjs-node-gpu@4.22.0
fi

if [ ! -e "$tensorflow/libtensorflow_cc.so.2" ]; then
  "${PYTHON:-python3}" -m pip download --quiet --no-deps --dest wheel tensorflow_cpu==2.21.0
  unzip -q -o wheel/tensorflow_cpu-*.whl 'tensorflow/libtensorflow_*' 'tensorflow/include/*' -d wheel
fi

if [ ! -e "$package/lib/napi-v8/tfjs_binding.node" ]; then
  # The addon's build looks for its library under these names, and finds it again by its own name through rpath.
  rm -rf "$package/deps"
  mkdir -p "$package/deps/lib"
  ln -s "$tensorflow/include" "$package/deps/include"
  ln -s "$tensorflow/libtensorflow_cc.so.2" "$package/deps/lib/libtensorflow.so"
  ln -s "$tensorflow/libtensorflow_cc.so.2" "$package/deps/lib/libtensorflow_cc.so.2"
  ln -s "$tensorflow/libtensorflow_framework.so.2" "$package/deps/lib/libtensorflow_framework.so"
  ln -s "$tensorflow/libtensorflow_framework.so.2" "$package/deps/lib/libtensorflow_framework.so.2"
  cd "$package"
  "$root/node_modules/.bin/node-gyp" rebuild --nodedir="${NODEDIR:-/usr}" --napi_build_version=8 \
    --module_name=tfjs_binding --module_path="$package/lib/napi-v8" > "$home/build.log" 2>&1 ||
    { tail -20 "$home/build.log"; exit 1; }
fi

cd "$root"
SUTURE_TENSORFLOW=$home exec "$root/node_modules/.bin/node" scripts/verify-tfjs-node.ts
