/** Words for names that are easy to tell apart and to pronounce. */
const ADJECTIVES =
  `amber ample azure bold brave brisk bronze calm cedar civil clear clever coral cosmic crisp curious dapper
  deft dusky eager early earnest fair famous fleet fluent fond frank gentle gilded glad golden grand green hardy hazel
  honest humble indigo ivory jolly keen kind lively lofty loyal lucid lucky lunar mellow merry mighty misty modest
  neat nimble noble olive patient placid plucky polite proud quick quiet rapid ready robust rosy round ruby rugged
  rustic sage serene sharp shiny silent silver simple sincere smooth snowy solar solid sonic spry steady stellar
  stout sturdy subtle sunny swift tidy tranquil upbeat velvet vivid warm wise witty woven young zesty`.split(/\s+/)

const ANIMALS =
  `albatross alpaca badger beaver bison bobcat caribou cheetah chinchilla civet condor cormorant cougar coyote crane
  curlew dingo dolphin dormouse dragonfly eagle egret elk ermine falcon ferret finch firefly flamingo fox gannet
  gazelle gecko gibbon giraffe goshawk grebe grouse gull hare harrier hawk hedgehog heron hornbill ibex ibis iguana
  impala jackal jackdaw jaguar kestrel kingfisher kiwi koala kudu lapwing lemur leopard linnet lizard llama lynx
  magpie manatee mandrill marmot marten meerkat mole mongoose moose narwhal newt nightingale ocelot octopus okapi
  oriole oryx osprey otter owl panda pelican penguin petrel pheasant pika plover puffin puma quail rabbit raccoon
  raven reindeer robin salmon seal sparrow starling stork swallow swan tapir tern thrush toucan turtle vole walrus
  wallaby weasel wombat wren yak zebra`.split(/\s+/)

/** A name such as "brisk-otter". `random` gives numbers from 0 up to, but not including, 1. Names need not be unique. */
export function randomRunName(random: () => number): string {
  return `${pick(ADJECTIVES, random)}-${pick(ANIMALS, random)}`
}

function pick(words: readonly string[], random: () => number): string {
  return words[Math.floor(random() * words.length)] ?? 'plain'
}
