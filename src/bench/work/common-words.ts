/** Short words that most vocabularies hold whole, with the space before them. */
export const COMMON_WORDS: readonly string[] = `
able age ago air all also and any are area arm art ask away baby back bad bag ball band bank bar base bear beat bed been
best bill bit blue boat body book both box boy bus busy but buy call came can car card care case cat city club cold come
cool cost cup cut dark data date day dead deal deep did do dog done door down draw drop dry each east easy eat edge end
even ever eye face fact fall far farm fast feed feel few file fill film find fine fire fish fit five flat fly food foot
for form four free from full fun game gave get girl give go goal gold good gray grew grow had hair half hall hand hard
has have he head hear heat held help her here high hill him his hit hold home hope hot hour how huge idea if in into is
it job join just keep kept key kid kind king know lady lake land last late law lay lead left leg less let life lift like
line list live long look lose lost lot love low made main make man many map mark may me mean meet men mind miss moon
more most move much must my name near need net new news next nice nine no nor not note now of off oil old on once one
only open or our out over own page paid pair part pass past path pay per pick plan play poor pull push put race rain ran
rate read real red rest rich ride ring rise risk road rock role roof room rule run safe said sale salt same sand save
saw say sea seat see seem seen self sell send sent set she ship shop show side sign sing sit site six size skin sky slow
snow so soft soil some song soon sort star stay step stop such sun sure take talk tall tax team tell ten test text than
that the them then they thin this time tiny to too took top town tree trip true try turn two type unit up upon us use
very view vote wait walk wall want war warm was way we wear week well went west what when who wide wife wild will win
wind wish with wood word work year yes yet you your zero`
  .trim()
  .split(/\s+/)
